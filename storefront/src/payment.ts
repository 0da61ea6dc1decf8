// One purchase's payment: which transaction it is, how it is asked for, and what Saleor says of it.
//
// Money may move when `pay` is called, and only then. The idempotency key is kept before Saleor is asked, so whatever
// is lost on the way, asking again is the same transaction. A new key is taken only after the app itself said that the
// transaction has failed. What Saleor reports without the app's word ("failed to deliver") is unknown, not failed.

import { AmazonPayError, asError } from "./failures.js";
import type { Payable } from "./errand.js";
import { newKey, type Memory, type Record_ } from "./memory.js";
import { refuse, type Json, type Money, type Saleor, type SessionAnswer, type Transaction } from "./saleor.js";

/** What Saleor says. */
export type Answer =
  | { kind: "success"; status: "paid" | "authorized" | "saved"; transaction: string; amount: Money }
  | { kind: "pending"; transaction: string }
  | { kind: "action"; code: string; said: string; data: Json }
  | { kind: "failure"; code: string; said: string; data: Json };

const PAUSES = [1000, 2000, 4000]; // milliseconds between looks at what was lost

/** The payment of one purchase. */
export class Payment implements Payable {
  readonly #saleor: Saleor;
  readonly #memory: Memory;
  readonly #purchaseId: string;
  readonly #amount: number | undefined;
  readonly #pause: (milliseconds: number) => Promise<void>;
  constructor(
    saleor: Saleor,
    memory: Memory,
    purchaseId: string,
    amount: number | undefined,
    pause: (milliseconds: number) => Promise<void>,
  ) {
    this.#saleor = saleor;
    this.#memory = memory;
    this.#purchaseId = purchaseId;
    this.#amount = amount;
    this.#pause = pause;
  }

  /** How far an earlier visit came. */
  get remembered(): Record_ | null {
    return this.#memory.read();
  }

  /**
   * Pay, or go on paying. Two tabs take turns. `due` is what is left to pay in major units, null if the page cannot know.
   * Raises AmazonPayError if nothing at all could be learned.
   */
  pay(agreement: string, saved: boolean, data: Json, due: number | null): Promise<Answer> {
    return exclusive(this.#purchaseId, () => this.#ask(agreement, saved, data, due));
  }

  /**
   * What became of the remembered transaction. It names no agreement, so whatever state it is in, nothing can be charged
   * by looking.
   */
  async look(record: Record_): Promise<Answer> {
    if (!record.transaction) throw new AmazonPayError("unknown");
    return this.#settled(await this.#sure(record, {}, true), record);
  }

  /** The transaction is over, or was another purchase's: the next one gets a new key. */
  forget(): void {
    this.#memory.forget();
  }

  async #ask(agreement: string, saved: boolean, data: Json, due: number | null): Promise<Answer> {
    let known = this.#memory.read();
    if (known && (known.phase === "done" || known.phase === "pending")) return this.look(known); // the other tab paid
    // The cart has changed while it was the buyer's turn: no money call is out, and that transaction asks too little.
    const settled = known?.transaction && (known.phase === "action" || known.phase === "chosen");
    if (settled && known?.due !== due) known = null;
    const record: Record_ = known ?? { key: newKey(), due, at: 0, agreement, saved, phase: "out" };
    const again = known?.phase === "out";
    if (!record.transaction && !again) record.due = due;
    Object.assign(record, { agreement, saved, at: Date.now(), phase: "out" });
    this.#memory.write(record);
    try {
      return this.#settled(await this.#sure(record, data, again), record);
    } catch (thrown) {
      const error = asError(thrown);
      if (error.code !== "key_used") throw error;
      return this.#underNewKey({ ...record, due }, data);
    }
  }

  /**
   * Saleor has a transaction of this key over another amount. It counts what that one has or may get, so a new one over
   * what is left cannot pay twice: at worst there is nothing left to pay.
   */
  async #underNewKey(record: Record_, data: Json): Promise<Answer> {
    if (record.transaction) {
      const before = await this.look(record);
      if (before.kind === "success" || before.kind === "pending") return before;
    }
    const { agreement, saved, at, due } = record;
    const fresh: Record_ = { key: newKey(), due, at, agreement, saved, phase: "out" };
    this.#memory.write(fresh);
    return this.#settled(await this.#sure(fresh, data, false), fresh);
  }

  /**
   * One question. At first Saleor itself finds what is left to pay; asked again, the same key needs the same amount, and
   * what is left may be less by then, because the lost answer was a success.
   */
  #goOn(record: Record_, data: Json, again: boolean): Promise<SessionAnswer> {
    const sent = record.attempt === undefined ? data : { ...data, attempt: record.attempt };
    const amount = this.#amount ?? (again ? (record.due ?? undefined) : undefined);
    return record.transaction
      ? this.#saleor.process(record.transaction, sent)
      : this.#saleor.initialize(this.#purchaseId, record.key, amount, sent);
  }

  /** Ask until there is the app's answer, or Saleor's final word. */
  async #sure(record: Record_, data: Json, again: boolean): Promise<SessionAnswer> {
    for (const pause of [...PAUSES, 0]) {
      let lost: AmazonPayError;
      try {
        const answer = await this.#goOn(record, data, again || pause !== PAUSES[0]);
        refuse(answer.errors);
        if (!unanswered(answer)) return answer;
        if (answer.transaction) {
          record.transaction = answer.transaction.id;
          this.#memory.write(record);
        }
        lost = new AmazonPayError("unknown", answer.transactionEvent?.message);
      } catch (thrown) {
        lost = asError(thrown);
        if (lost.code !== "network") throw lost;
      }
      if (!pause) throw new AmazonPayError("unknown", lost.detail);
      await this.#pause(pause);
    }
    throw new AmazonPayError("unknown");
  }

  #settled(given: SessionAnswer, record: Record_): Answer {
    const answer = read(given);
    if (given.transaction) record.transaction = given.transaction.id;
    if (answer.kind === "failure") {
      this.#memory.forget();
      return answer;
    }
    if (answer.kind === "action") {
      record.code = answer.code;
      record.attempt = typeof answer.data["attempt"] === "number" ? answer.data["attempt"] : (record.attempt ?? 1);
    }
    record.phase = answer.kind === "success" ? "done" : answer.kind;
    this.#memory.write(record);
    return answer;
  }

  chosen(agreement: string): void {
    const known = this.#memory.read() ?? { key: newKey(), due: null };
    this.#memory.write({ ...known, at: Date.now(), agreement, saved: false, phase: "chosen" });
  }

  /** The buyer is sent to Amazon's confirmation page; her return goes on from here. */
  confirming(): void {
    const record = this.#memory.read();
    if (record) this.#memory.write({ ...record, phase: "confirming" });
  }
}

/** Whether Saleor speaks for itself: the app was not heard, and what happened is not known. */
function unanswered(answer: SessionAnswer): boolean {
  const event = answer.transactionEvent;
  return Boolean(event?.type?.endsWith("_FAILURE") && !event.pspReference && !answer.data);
}

/** The one meaning of an answer. */
export function read(answer: SessionAnswer): Answer {
  const { transaction, transactionEvent: event } = answer;
  const data = answer.data ?? {};
  const code = typeof data["code"] === "string" ? data["code"] : "";
  const said = typeof data["message"] === "string" ? data["message"] : (event?.message ?? "");
  const type = event?.type ?? "";
  if (type.endsWith("_ACTION_REQUIRED")) return { kind: "action", code: code || "retry", said, data };
  if (type.endsWith("_FAILURE")) return { kind: "failure", code: code || "failed", said, data };
  if (!transaction || !type) throw new AmazonPayError("unknown", said);
  // Without the app's data Saleor repeats an old event, whatever became of it since: the transaction says more.
  const fresh = answer.data !== null && type.endsWith("_SUCCESS");
  const state = fresh ? (type === "CHARGE_SUCCESS" ? "paid" : "authorized") : stateOf(transaction);
  if (state === "failed") return { kind: "failure", code: code || "failed", said: lastWord(transaction), data };
  if (state === "pending") return { kind: "pending", transaction: transaction.id };
  const status = state === "authorized" ? "authorized" : "paid";
  const amount = status === "paid" ? transaction.chargedAmount : transaction.authorizedAmount;
  return { kind: "success", status, transaction: transaction.id, amount };
}

/** A transaction by its amounts and events. */
export function stateOf(transaction: Transaction): "paid" | "authorized" | "refunded" | "pending" | "failed" {
  if (transaction.chargedAmount.amount > 0) return "paid";
  if (transaction.refundedAmount.amount > 0) return "refunded";
  if (transaction.authorizedAmount.amount > 0) return "authorized";
  const { chargePendingAmount, authorizePendingAmount } = transaction;
  if (chargePendingAmount.amount > 0 || authorizePendingAmount.amount > 0) return "pending";
  // An agreement that was made without paying anything is an authorization of nothing.
  const free = transaction.events.some((each) => each.type === "AUTHORIZATION_SUCCESS" && !each.amount.amount);
  return free ? "authorized" : "failed";
}

function lastWord(transaction: Transaction): string {
  return transaction.events.find((event) => event.type?.endsWith("_FAILURE"))?.message ?? "";
}

/** One tab at a time; where the browser has no locks, the idempotency key alone has to do. */
async function exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks ? (locks.request(`saleor-amazonpay:${name}`, work) as Promise<T>) : work();
}
