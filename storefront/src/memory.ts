// What is kept over a reload, a closed tab and the back button: one record per purchase in the browser's own store.
//
// It holds ids and the idempotency key, never a token or anything about the buyer. It decides nothing: what Saleor says
// of the transaction counts. Two tabs share it, so that both press the same transaction.

/** How far a payment had come. */
export interface Record_ {
  /** Saleor's idempotency key of the transaction. */
  key: string;
  /** What was to be paid then, in major units; null if other payments cover a part of it, so that only Saleor knows. */
  due: number | null;
  /** When the button was pressed last, in epoch milliseconds. */
  at: number;
  /** Amazon's agreement, or its checkout session. */
  agreement: string;
  /** Whether that is a saved one, which needs no widgets. */
  saved: boolean;
  /** The transaction, once Saleor has named it. */
  transaction?: string;
  /** The number to send with the next PROCESS. */
  attempt?: number;
  /** The code of the last answer. */
  code?: string;
  /** `chosen`: at Amazon, nothing is asked yet. `out`: asked, no answer yet. `action`: the buyer's turn. `confirming`: at Amazon. `pending`, `done`: Saleor knows. */
  phase: "chosen" | "out" | "action" | "confirming" | "pending" | "done";
}

const LIFE = 24 * 3600_000;
const fallback = new Map<string, string>();

/** The memory of one purchase. */
export class Memory {
  readonly #place: string;

  constructor(apiUrl: string, purchaseId: string) {
    this.#place = `saleor-amazonpay:${apiUrl}:${purchaseId}`;
  }

  /** The record, if there is one that is not too old. */
  read(): Record_ | null {
    const text = store((own) => own.getItem(this.#place), fallback.get(this.#place) ?? null);
    if (!text) return null;
    try {
      const found = JSON.parse(text) as Record_;
      return Date.now() - found.at < LIFE ? found : null;
    } catch {
      return null;
    }
  }

  write(record: Record_): void {
    const text = JSON.stringify(record);
    fallback.set(this.#place, text);
    store((own) => own.setItem(this.#place, text), undefined);
  }

  forget(): void {
    fallback.delete(this.#place);
    store((own) => own.removeItem(this.#place), undefined);
  }
}

/** Use the browser's store; where it is closed to us, remember as long as the page lives. */
function store<T>(use: (own: Storage) => T, otherwise: T): T {
  try {
    return use(window.localStorage);
  } catch {
    return otherwise;
  }
}

/** A new idempotency key. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
