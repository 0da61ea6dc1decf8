// What a shop hands in and gets back: the public names of this module.

import type { AmazonPayError } from "./failures.js";
import type { Money, Token, TransactionEvent } from "./saleor.js";

/** How often a recurring payment comes, in Amazon's words, and how much it will be if that is known. */
export interface Recurring {
  frequency: { unit: "Year" | "Month" | "Week" | "Day" | "Variable"; value: string };
  amount?: number;
}

/** An address as Saleor's `AddressInput` takes it. */
export interface Address {
  firstName: string;
  lastName: string;
  companyName: string;
  streetAddress1: string;
  streetAddress2: string;
  city: string;
  cityArea: string;
  postalCode: string;
  country: string;
  countryArea: string;
  phone: string;
}

/** What every entry of this module needs to know. */
export interface Common {
  /** Saleor's GraphQL endpoint. */
  saleorApiUrl: string;
  /** The customer's access token, or a function that gives a fresh one. Without one the visitor is a guest. */
  token?: Token;
  /** A BCP 47 tag; the page's language by default. */
  locale?: string;
  /** Sentences and labels of the shop's own, by code. */
  messages?: Readonly<Record<string, string>>;
  /** Stands in for the browser's own `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** Where and how Amazon's part of the page is shown. */
export interface Place {
  /** Where to render: an element or a selector. Its content is replaced. */
  element: HTMLElement | string;
  /** Where Amazon sends the buyer back to: this page by default. It has to be on one of the profile's shop origins. */
  returnUrl?: string;
  /** Whether the buyer signs in in a popup (needs https) or leaves the page for it. */
  popup?: boolean;
}

/** Options of `mount`. */
export interface Options extends Common, Place {
  /** The id of the checkout (or order) to pay for. */
  checkoutId: string;
  /** Pay this much instead of all that is left. */
  amount?: number;
  /** Ask the buyer to agree to later charges. */
  recurring?: Recurring;
  /** What to do if the buyer does not tick the box: insist (default), or take this one payment only. */
  consent?: "required" | "optional";
  /** Whether to offer the signed-in customer's saved agreements. Default true. */
  savedAgreements?: boolean;
  /** Whether the address the buyer chooses at Amazon is written to the checkout. Default false. */
  writeAddress?: boolean;
  /** Whether to turn the paid checkout into an order. Default false. */
  complete?: boolean;
  /** Whether a payment that Amazon has yet to decide ends the visit (`result` resolves with "pending"). Default false. */
  acceptPending?: boolean;
  /** Whether to render a button to pay with; if not, call `submit()`. Default true. */
  payButton?: boolean;
}

/** Options of `mountSaving`. */
export interface SavingOptions extends Common, Place {
  /** The slug of the channel in whose currency the agreement will be charged. */
  channel: string;
  /** How often it will be charged, if that is known. Checkout v2 needs an amount with it. */
  recurring?: Recurring;
  payButton?: boolean;
}

/** Where the buyer is. */
export type Step = "saved" | "login" | "address" | "wallet" | "consent" | "pay" | "authentication" | "done";

/** How it ended. */
export interface Result {
  status: "paid" | "authorized" | "pending" | "saved" | "failed" | "unavailable";
  code: string;
  /** Saleor's id of the transaction, or of the saved agreement. */
  transactionId: string | null;
  /** The order, if `complete` was asked for. */
  order: { id: string; number: string } | null;
}

/** Events and what they carry. */
export interface Events {
  /** Something for the buyer to press is on the page; milliseconds since `mount`. */
  ready: { milliseconds: number };
  /** The buyer has come to a step. */
  step: { step: Step };
  /** The buyer chose an address; it is on the checkout already. A promise that a listener returns is waited for. */
  address: { address: Address };
  /** A payment begins. */
  submit: Record<string, never>;
  /** Amazon has yet to decide. */
  pending: { transactionId: string };
  /** Saleor has the money, or its authorization; or the agreement is saved. */
  success: { status: "paid" | "authorized" | "saved"; transactionId: string; amount: Money };
  /** The checkout has become an order. */
  completed: { order: { id: string; number: string } };
  /** The buyer has to do something, or this try is over; `hide`: offer another way to pay. */
  failure: { code: string; message: string; hide: boolean };
  /** Something went wrong that is not about the payment. */
  error: { error: AmazonPayError; message: string };
}

/** A mounted Amazon Pay. */
export interface AmazonPay {
  /** Resolves when the payment has ended, or cannot be made. Never rejects. */
  readonly result: Promise<Result>;
  /** Listen; returns the way to stop. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void | Promise<void>): () => void;
  /** Pay, as the button does. A second call while the first is under way is the first. */
  submit(): Promise<void>;
  /** Take everything off the page. A payment that is out goes on. */
  unmount(): void;
}

/** A saved agreement of a customer. */
export interface SavedAgreement {
  /** Saleor's id of it, for `removeAgreement`. */
  id: string;
  /** Amazon's id of it. */
  agreementId: string;
  name: string;
  /** Whether it can be charged now; `suspended` needs another payment method at Amazon. */
  state: "open" | "suspended";
  /** What Amazon will still authorize this month, if it has told. */
  remaining: Money | null;
  /** Amazon's page where the buyer changes the payment method. */
  manageUrl: string | null;
}

/** A payment as Saleor has it now. */
export interface PaymentState {
  status: "paid" | "authorized" | "refunded" | "pending" | "failed";
  events: TransactionEvent[];
}
