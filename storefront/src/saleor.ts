// Saleor's GraphQL API as a storefront calls it. In: a document and variables. Out: its one root field.

import { AmazonPayError } from "./failures.js";
import type { Address } from "./types.js";
import * as operations from "./operations.js";

/** The id of the app, and of its payment gateway, in every Saleor. */
export const GATEWAY_ID = "saleor.app.payment.amazonpay";

export type Json = Record<string, unknown>;

export interface Money {
  amount: number;
  currency: string;
}

interface SaleorProblem {
  field?: string | null;
  code?: string | null;
  message?: string | null;
}

/** A transaction as Saleor shows it to a storefront. */
export interface Transaction {
  id: string;
  chargedAmount: Money;
  authorizedAmount: Money;
  refundedAmount: { amount: number };
  chargePendingAmount: { amount: number };
  authorizePendingAmount: { amount: number };
  events: TransactionEvent[];
}

/** One event of a transaction. */
export interface TransactionEvent {
  type: string | null;
  pspReference: string;
  createdAt: string;
  message: string;
  amount: Money;
}

/** What `transactionInitialize` and `transactionProcess` answer. */
export interface SessionAnswer {
  transaction: Transaction | null;
  transactionEvent: { type: string | null; pspReference: string; message: string } | null;
  data: Json | null;
  errors: SaleorProblem[];
}

/** What is to be paid. */
export interface Purchase {
  channel: string;
  needsAddress: boolean;
  total: Money;
  /** What is left to charge. Authorizations of other payments are not in it: see `covered`. */
  left: Money;
  /** How far authorizations and charges, also pending ones, cover it. */
  covered: "NONE" | "PARTIAL" | "FULL";
}

/** An agreement that the app has stored for the customer. */
export interface StoredMethod {
  id: string;
  paymentMethodId: string;
  name: string | null;
  data: Json | null;
}

export type Token = string | null | undefined | (() => string | null | undefined | Promise<string | null | undefined>);

const MISSING = new Set(["NOT_FOUND", "GRAPHQL_ERROR"]);

/** One Saleor, as one visitor sees it. */
export class Saleor {
  readonly #token: Token;
  readonly #fetch: typeof globalThis.fetch;
  constructor(
    readonly apiUrl: string,
    token: Token,
    fetch: typeof globalThis.fetch,
  ) {
    this.#token = token;
    this.#fetch = fetch;
  }

  /** Whether a customer is signed in to the shop. */
  async signedIn(): Promise<boolean> {
    return Boolean(await this.#bearer());
  }

  /** The app's answer for this purchase. Raises AmazonPayError. */
  async gateway(id: string, amount: number | undefined, data: Json): Promise<Json> {
    const found = await this.#root<{
      gatewayConfigs: { data: Json | null; errors?: SaleorProblem[] | null }[] | null;
      errors: SaleorProblem[];
    }>(operations.GATEWAY, { id, gateway: GATEWAY_ID, amount, data });
    refuse(found.errors);
    const config = found.gatewayConfigs?.[0];
    if (!config?.data) throw new AmazonPayError("unavailable", config?.errors?.[0]?.message ?? "no answer of the app");
    return config.data;
  }

  /** The purchase; null if Saleor has it no more. */
  async purchase(id: string): Promise<Purchase | null> {
    const found = await this.#root<Json | null>(isOrder(id) ? operations.ORDER : operations.CHECKOUT, { id });
    if (!found) return null;
    const price = (found["totalPrice"] ?? found["total"]) as { gross: Money };
    const balance = found["totalBalance"] as Money;
    return {
      channel: (found["channel"] as { slug: string }).slug,
      needsAddress: Boolean(found["isShippingRequired"]),
      total: price.gross,
      // Saleor's balance is what was paid less the total: negative while something is owed.
      left: { amount: Math.max(0, -balance.amount), currency: price.gross.currency },
      covered: found["authorizeStatus"] as Purchase["covered"],
    };
  }

  /** Begin to pay. The same key is the same transaction, however often this is called. */
  initialize(id: string, key: string, amount: number | undefined, data: Json): Promise<SessionAnswer> {
    return this.#root(operations.INITIALIZE, { id, gateway: GATEWAY_ID, key, amount, data });
  }

  /** Go on paying. */
  process(id: string, data: Json): Promise<SessionAnswer> {
    return this.#root(operations.PROCESS, { id, data });
  }

  /** Turn the paid checkout into an order. Raises AmazonPayError. */
  async complete(id: string): Promise<{ id: string; number: string }> {
    const made = await this.#root<{ order: { id: string; number: string } | null; errors: SaleorProblem[] }>(
      operations.COMPLETE,
      { id },
    );
    if (!made.order) throw new AmazonPayError("complete_failed", text(made.errors));
    return made.order;
  }

  /** Write an address to the checkout, without the number if only that is not to Saleor's liking. Raises AmazonPayError. */
  async writeAddress(kind: "shipping" | "billing", id: string, address: Address): Promise<void> {
    const document = kind === "shipping" ? operations.SHIPPING_ADDRESS : operations.BILLING_ADDRESS;
    const found = await this.#root<{ errors: SaleorProblem[] }>(document, { id, address });
    // Amazon checks no numbers, and its sandbox has one that none can be; Saleor checks them and needs none.
    const onlyTheNumber = found.errors.length > 0 && found.errors.every((each) => each.field === "phone");
    if (onlyTheNumber && address.phone) return this.writeAddress(kind, id, { ...address, phone: "" });
    if (found.errors.length) throw new AmazonPayError("address_refused", text(found.errors));
  }

  /** The customer's saved agreements with this app; none for a guest. */
  async methods(channel: string): Promise<StoredMethod[]> {
    const me = await this.#root<{ storedPaymentMethods: (StoredMethod & { gateway: { id: string } })[] | null } | null>(
      operations.METHODS,
      { channel },
    );
    return (me?.storedPaymentMethods ?? []).filter((method) => method.gateway.id === GATEWAY_ID);
  }

  /** Ask for an agreement to be ended. Raises AmazonPayError. */
  async remove(id: string, channel: string): Promise<void> {
    const found = await this.#root<{ result: string; errors: SaleorProblem[] }>(operations.REMOVE, { id, channel });
    if (found.result !== "SUCCESSFULLY_DELETED") throw new AmazonPayError("remove_failed", text(found.errors));
  }

  /** What is needed to save an agreement without buying anything. Raises AmazonPayError. */
  async prepareSaving(channel: string, data: Json): Promise<Json> {
    const variables = { gateway: GATEWAY_ID, channel, data };
    const found = await this.#root<{ data: Json | null; errors: SaleorProblem[] }>(operations.PREPARE_SAVING, variables);
    if (!found.data) throw new AmazonPayError("unavailable", text(found.errors));
    return found.data;
  }

  /** Save an agreement, or go on saving the one of that id. */
  async save(channel: string, data: Json, id: string | null): Promise<SavingAnswer> {
    return id
      ? this.#root(operations.GO_ON_SAVING, { id, channel, data })
      : this.#root(operations.SAVE, { gateway: GATEWAY_ID, channel, data });
  }

  async #bearer(): Promise<string | null | undefined> {
    return typeof this.#token === "function" ? this.#token() : this.#token;
  }

  async #root<T>(query: string, variables: Json): Promise<T> {
    const bearer = await this.#bearer();
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (bearer) headers["Authorization"] = `Bearer ${bearer}`;
    let answer: { data?: Record<string, T> | null; errors?: { message: string }[] };
    try {
      const response = await this.#fetch(this.apiUrl, {
        method: "POST",
        headers,
        body: JSON.stringify({ query, variables }),
      });
      answer = (await response.json()) as typeof answer;
    } catch (thrown) {
      // No answer says nothing about what happened: callers repeat what may be repeated.
      throw new AmazonPayError("network", thrown instanceof Error ? thrown.message : "");
    }
    const value = answer.data && Object.values(answer.data)[0];
    if (answer.errors?.length && !value) throw new AmazonPayError("shop_error", answer.errors[0]?.message);
    return (value ?? null) as T;
  }
}

/** What saving an agreement led to. */
export interface SavingAnswer {
  result: string;
  id: string | null;
  data: Json | null;
  errors: SaleorProblem[];
}

/** Whether a global id is an order's. */
export function isOrder(id: string): boolean {
  try {
    return atob(id).startsWith("Order:");
  } catch {
    return false;
  }
}

/** Raise what Saleor lists in `errors`, with a code of this module. */
export function refuse(errors: SaleorProblem[]): void {
  const [first] = errors;
  if (!first) return;
  const code = first.code ?? "";
  if (code === "CHECKOUT_COMPLETION_IN_PROGRESS") throw new AmazonPayError("completion_running", text(errors));
  if (MISSING.has(code) && first.field === "id") throw new AmazonPayError("checkout_gone", text(errors));
  throw new AmazonPayError(code === "UNIQUE" ? "key_used" : "shop_error", text(errors));
}

function text(errors: SaleorProblem[]): string {
  return errors.map((each) => each.message ?? each.code ?? "").join(" ");
}
