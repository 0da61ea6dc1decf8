// Amazon Pay in a Saleor storefront. `mount` renders it and pays; the rest is for account and order pages.

import { asError } from "./failures.js";
import { stateOf } from "./payment.js";
import { refuse, Saleor } from "./saleor.js";
import { savedAgreements } from "./saved.js";
import { Session } from "./session.js";
import type { AmazonPay, Common, Options, PaymentState, SavedAgreement } from "./types.js";

export { AmazonPayError } from "./failures.js";
export { GATEWAY_ID, type Money, type TransactionEvent } from "./saleor.js";
export type {
  Address, AmazonPay, Common, Events, Options, PaymentState, Place, Recurring, Result, SavedAgreement, Step,
} from "./types.js";

/** Show Amazon Pay for a checkout and see the payment through. Throws AmazonPayError if the element is not there. */
export function mount(options: Options): AmazonPay {
  return new Session(options);
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

function saleor(options: Common): Saleor {
  return new Saleor(options.saleorApiUrl, options.token, options.fetch ?? window.fetch.bind(window));
}
