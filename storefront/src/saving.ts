// Saving an agreement: Saleor's tokenization in the words of a payment. No money moves, so asking twice does no harm.

import { AmazonPayError } from "./failures.js";
import type { Payable } from "./errand.js";
import type { Memory, Record_ } from "./memory.js";
import type { Answer } from "./payment.js";
import type { Json, Saleor } from "./saleor.js";

/** One agreement on its way to being saved. */
export class Saving implements Payable {
  readonly #saleor: Saleor;
  readonly #memory: Memory;
  readonly #channel: string;

  constructor(saleor: Saleor, memory: Memory, channel: string) {
    this.#saleor = saleor;
    this.#memory = memory;
    this.#channel = channel;
  }

  get remembered(): Record_ | null {
    return this.#memory.read();
  }

  async pay(agreement: string, _saved: boolean, data: Json): Promise<Answer> {
    const known = this.#memory.read();
    // Saleor's id of what is being saved brings the app back to the same one; another agreement is another one.
    const method = known?.agreement === agreement ? (known.transaction ?? null) : null;
    const record: Record_ = { key: "", due: null, at: Date.now(), agreement, saved: false, phase: "out" };
    if (method) record.transaction = method;
    this.#memory.write(record);
    const answer = await this.#saleor.save(this.#channel, data, method);
    const told = answer.data ?? {};
    const code = typeof told["code"] === "string" ? told["code"] : "";
    const said = answer.errors.map((each) => each.message ?? "").join(" ");
    if (answer.result === "SUCCESSFULLY_TOKENIZED") {
      this.#memory.forget();
      return { kind: "success", status: "saved", transaction: answer.id ?? "", amount: { amount: 0, currency: "USD" } };
    }
    if (answer.result === "ADDITIONAL_ACTION_REQUIRED" && answer.id) {
      this.#memory.write({ ...record, transaction: answer.id, code: code || "retry", phase: "action" });
      return { kind: "action", code: code || "retry", said, data: told };
    }
    this.#memory.forget();
    return { kind: "failure", code: code || "save_failed", said, data: told };
  }

  async look(): Promise<Answer> {
    throw new AmazonPayError("unknown"); // nothing is decided later
  }

  chosen(agreement: string): void {
    this.#memory.write({ key: "", due: null, at: Date.now(), agreement, saved: false, phase: "chosen" });
  }

  confirming(): void {
    const record = this.#memory.read();
    if (record) this.#memory.write({ ...record, phase: "confirming" });
  }

  forget(): void {
    this.#memory.forget();
  }
}
