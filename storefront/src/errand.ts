// What a visit is about: paying for a purchase, or saving an agreement for later.

import { Memory, type Record_ } from "./memory.js";
import { Payment, type Answer } from "./payment.js";
import type { Json, Purchase, Saleor } from "./saleor.js";
import { Saving } from "./saving.js";
import type { Options } from "./types.js";
import type { Words } from "./words.js";

/** Something that is asked for by the button, and found again after a reload. */
export interface Payable {
  /** How far an earlier visit came. */
  readonly remembered: Record_ | null;
  /** Ask for it. Raises AmazonPayError. */
  pay(agreement: string, saved: boolean, data: Json, due: number | null): Promise<Answer>;
  /** What became of what was asked for; asks for nothing. Raises AmazonPayError. */
  look(record: Record_): Promise<Answer>;
  /** The buyer has chosen at Amazon, which a reload must not lose. */
  chosen(agreement: string): void;
  /** The buyer leaves for Amazon's confirmation. */
  confirming(): void;
  forget(): void;
}

/** A visit's errand. */
export interface Errand {
  readonly payable: Payable;
  /** How the app wants Amazon Pay shown. Raises AmazonPayError. */
  config(page: Json): Promise<Json>;
  /** What it is for; null if that is gone. */
  purchase(): Promise<Purchase | null>;
  /** What the button says. */
  label(words: Words, due: number, currency: string): string;
}

/** Pay for a checkout or an order. */
export function buying(options: Options, saleor: Saleor, pause: (milliseconds: number) => Promise<void>): Errand {
  const { saleorApiUrl, checkoutId, amount } = options;
  return {
    payable: new Payment(saleor, new Memory(saleorApiUrl, checkoutId), checkoutId, amount, pause),
    config: (page) => saleor.gateway(checkoutId, amount, page),
    purchase: () => saleor.purchase(checkoutId),
    label: (words, due, currency) => words.label("_pay", { amount: words.money(due, currency) }),
  };
}

/** Save an agreement without buying anything. */
export function saving(saleorApiUrl: string, channel: string, saleor: Saleor): Errand {
  const nothing = { amount: 0, currency: "USD" };
  return {
    payable: new Saving(saleor, new Memory(saleorApiUrl, `saving:${channel}`), channel),
    config: (page) => saleor.prepareSaving(channel, page),
    purchase: async () => ({ channel, needsAddress: false, total: nothing, left: nothing, covered: "NONE" }),
    label: (words) => words.label("_save"),
  };
}
