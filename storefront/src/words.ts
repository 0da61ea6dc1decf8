// From a code to a sentence in the buyer's language.

import { load } from "./languages.js";
import { en, type Key, type Messages } from "./messages/en.js";

export type { Key, Messages };

/** Codes that the app knows and the buyer need not tell apart, each with the one whose sentence it shares. */
const ALIASES: Record<string, Key> = {
  expired: "ended",
  closed: "ended",
  amazon_closed: "ended",
  seller_closed: "ended",
  order_canceled: "ended",
  refused: "merchant",
  invalid_parameter: "merchant",
  unknown_object: "merchant",
  order_status: "merchant",
  authorization_status: "merchant",
  invalid_simulation: "merchant",
  wire_gone: "merchant",
  recurring_amount_missing: "merchant",
  amazon_redirect: "authentication",
  amount_mismatch: "amount_changed",
  session_canceled: "session_expired",
  session_used: "session_expired",
  session_sign_in: "sign_in",
  unreadable: "merchant",
};

/** The sentences of one language, some of them overwritten by the shop. English until `ready`. */
export class Words {
  #messages: Messages;
  readonly #own: Readonly<Record<string, string>>;

  constructor(
    readonly locale: string,
    own: Readonly<Record<string, string>> = {},
  ) {
    this.#own = own;
    this.#messages = { ...en, ...own };
  }

  /** Learn the language. */
  async ready(): Promise<void> {
    this.#messages = { ...((await load(this.locale)) ?? en), ...this.#own };
  }

  /** A label, with its gaps filled. */
  label(key: Key, gaps: Readonly<Record<string, string>> = {}): string {
    return this.#messages[key].replace(/\{(\w+)\}/g, (whole, gap: string) => gaps[gap] ?? whole);
  }

  /** The sentence of a code; of one that is not known here what the app said, and else that it failed. */
  sentence(code: string, said?: string): string {
    const own = this.#messages[code as Key] ?? (ALIASES[code] && this.#messages[ALIASES[code]]);
    return own ?? said ?? this.#messages.failed;
  }

  /** An amount as the buyer's language writes it. */
  money(amount: number, currency: string): string {
    return new Intl.NumberFormat(this.locale, { style: "currency", currency }).format(amount);
  }
}

/** The language of the page, or English. */
export function pageLocale(): string {
  const wanted = document.documentElement.lang || navigator.language || "en";
  try {
    return Intl.getCanonicalLocales(wanted)[0] ?? "en";
  } catch {
    return "en";
  }
}
