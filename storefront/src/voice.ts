// What the page says: a sentence in the element for the buyer, and an event for the shop.

import type { AmazonPayError } from "./failures.js";
import type { Json } from "./saleor.js";
import type { Events, Step } from "./types.js";
import type { View } from "./view.js";
import type { Words } from "./words.js";

type Listener = (event: never) => void | Promise<void>;

/** The voice of one mounted Amazon Pay. */
export class Voice {
  readonly #view: View;
  readonly #words: Words;
  #lack = ""; // what the sentence that is shown asks the buyer to do first
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Whom a buyer can ask, as the gateway told; an answer that names somebody else is followed. */
  support: Json = {};

  constructor(view: View, words: Words) {
    this.#view = view;
    this.#words = words;
  }

  /** See `AmazonPay.on`. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void | Promise<void>): () => void {
    const known = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, known.add(listener as Listener));
    return () => known.delete(listener as Listener);
  }

  /** Tell the shop, and wait for what it does about it. */
  async emit<K extends keyof Events>(type: K, event: Events[K]): Promise<void> {
    this.#view.host.dispatchEvent(new CustomEvent(`amazonpay:${type}`, { detail: event, bubbles: true }));
    for (const listener of this.#listeners.get(type) ?? []) await listener(event as never);
  }

  /** The buyer has come to a step. */
  step(step: Step): void {
    this.#view.mark(step);
    void this.emit("step", { step });
  }

  /** The button was pressed too early. */
  lacks(code: string): void {
    this.told(code, "", {}, false);
    this.#lack = code;
  }

  /** What is lacking now: a complaint about something else is over, for the buyer has done what she was asked for. */
  nowLacks(code: string): void {
    if (!this.#lack || this.#lack === code) return;
    this.#lack = "";
    this.#view.say("");
  }

  /** Saleor has answered with a code that asks something of the buyer, or refuses. */
  told(code: string, said: string, data: Json, hide: boolean): void {
    const message = this.#words.sentence(code, said);
    this.#lack = "";
    const support = (data["support"] ?? this.support) as Json;
    const contact = [support["phone"], support["email"]].filter((each) => typeof each === "string").join(", ");
    this.#view.say(message, "bad", contact && this.#words.label("_support", { contact }));
    void this.emit("failure", { code, message, hide });
  }

  /** Something did not work on the way; the code of the sentence may be another than the error's. */
  complain(error: AmazonPayError, code = error.code): void {
    const message = this.#words.sentence(code, error.detail);
    this.#lack = "";
    this.#view.say(message, "bad");
    void this.emit("error", { error, message });
  }
}
