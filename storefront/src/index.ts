// Amazon Pay in a Saleor storefront. `mount` renders it and pays; the rest is for account and order pages.

import { buying, saving } from "./errand.js";
import { asError } from "./failures.js";
import { TOKEN_COOKIE } from "./page.js";
import { stateOf } from "./payment.js";
import { refuse, Saleor } from "./saleor.js";
import { savedAgreements } from "./saved.js";
import { Session } from "./session.js";
import type { AmazonPay, Common, Options, PaymentState, Recurring, SavedAgreement, SavingOptions } from "./types.js";

export { AmazonPayError } from "./failures.js";
export { GATEWAY_ID, type Money, type TransactionEvent } from "./saleor.js";
export type {
  Address, AmazonPay, Common, Events, Options, PaymentState, Place, Recurring, Result, SavedAgreement, SavingOptions, Step,
} from "./types.js";

const WHENEVER: Recurring = { frequency: { unit: "Variable", value: "0" } };

/** Show Amazon Pay for a checkout and see the payment through. Throws AmazonPayError if the element is not there. */
export function mount(options: Options): AmazonPay {
  return new Session(options, (saleor, pause) => buying(options, saleor, pause));
}

/** Let a signed-in customer save an agreement without buying anything. Throws AmazonPayError as `mount` does. */
export function mountSaving(options: SavingOptions): AmazonPay {
  const visit = { recurring: WHENEVER, ...options, checkoutId: "", savedAgreements: false };
  return new Session(visit, (saleor) => saving(options.saleorApiUrl, options.channel, saleor));
}

/** The signed-in customer's saved agreements in a channel. Rejects with AmazonPayError. */
export async function listAgreements(options: Common & { channel: string }): Promise<SavedAgreement[]> {
  return savedAgreements(await saleor(options).methods(options.channel));
}

/** End a saved agreement at Amazon. Rejects with AmazonPayError. */
export async function removeAgreement(options: Common & { channel: string; id: string }): Promise<void> {
  await saleor(options).remove(options.id, options.channel);
}

/** A payment as Saleor has it now, for the order page: by the id of a transaction that was paid or is pending. */
export async function paymentState(options: Common & { transactionId: string }): Promise<PaymentState> {
  // A decided transaction is answered by Saleor alone; one that is not gets nothing to pay with.
  const answer = await saleor(options).process(options.transactionId, {});
  refuse(answer.errors);
  if (!answer.transaction) throw asError(new Error("Saleor does not know this transaction"));
  return { status: stateOf(answer.transaction), events: answer.transaction.events };
}

/** Forget the buyer's Amazon session in this browser: call it when the customer signs out of the shop. */
export function signOutOfAmazon(): void {
  document.cookie = `${TOKEN_COOKIE}=; path=/; max-age=0`;
  window.amazon?.Login?.logout();
}

function saleor(options: Common): Saleor {
  return new Saleor(options.saleorApiUrl, options.token, options.fetch ?? window.fetch.bind(window));
}
