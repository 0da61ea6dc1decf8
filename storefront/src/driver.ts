// What a wire of Amazon's has to do on the page. `session.ts` knows this file and no wire.

import type { Next } from "./codes.js";
import type { AmazonPayError } from "./failures.js";
import type { Returned } from "./page.js";
import type { Answer } from "./payment.js";
import type { Json } from "./saleor.js";
import type { Recurring, Step } from "./types.js";
import type { View } from "./view.js";
import type { Words } from "./words.js";

/** What a driver is given. */
export interface Setting {
  view: View;
  words: Words;
  config: Json;
  locale: string;
  needsAddress: boolean;
  recurring: Recurring | undefined;
  consentRequired: boolean;
  returnUrl: string;
  popup: boolean;
  /** What the address bar brought back from Amazon. */
  came: Returned;
  /** The shop can wait for a decision that Amazon takes later. */
  mayPend: boolean;
  /** The buyer has come to a step. */
  step(step: Step): void;
  /** Something that decides whether the buyer can pay has changed. */
  changed(): void;
  /** The buyer has chosen an address; the wallet waits for what comes of it. */
  address(agreement: string, accessToken: string): Promise<void>;
  /** The buyer has chosen on Amazon's own pages: a reload must not ask again. */
  chosen(agreement: string): void;
  /** The buyer is about to leave for Amazon's confirmation. */
  leaving(): void;
  failed(error: AmazonPayError): void;
}

/** One wire's part of the page. */
export interface Driver {
  /** Amazon's id of the agreement or session the buyer made; "" before. */
  readonly agreement: string;
  /** Whether the buyer has just come back from Amazon's pages (with what an answer asked for). */
  back(next?: Next): boolean;
  /** Show what the buyer needs to make one. Raises AmazonPayError. */
  begin(): Promise<void>;
  /** Go on with one that an earlier visit made; nothing is shown yet. */
  adopt(agreement: string): void;
  /** Whether it can prove the buyer without asking her again. Raises AmazonPayError. */
  proven(): Promise<boolean>;
  /** Let the buyer mend what an answer complained of. Raises AmazonPayError. */
  repair(next: Next, code: string, data: Json): Promise<void>;
  /** The code of what is still missing before paying makes sense; "" if nothing is. */
  missing(): string;
  /** What to send with a session event. */
  data(): Json;
  /** Ask for the payment, inside Amazon's confirmation where there is one; null if the buyer is leaving the page. */
  pay(ask: () => Promise<Answer>): Promise<Answer | null>;
  /** Take everything of Amazon's off the page. */
  hide(): void;
}
