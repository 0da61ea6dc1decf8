// Saved agreements, read from what Saleor passes on as stored payment methods.

import type { Json, Money, StoredMethod } from "./saleor.js";
import type { SavedAgreement } from "./types.js";
import type { Choice } from "./view.js";
import type { Words } from "./words.js";

/** The choice of no saved agreement. */
export const OTHER = "";

/** A saved agreement with what to send to pay with it. */
export interface Saved extends SavedAgreement {
  session: Json;
}

/** Read stored methods; one that says nothing of how to pay with it is left out. */
export function savedAgreements(methods: readonly StoredMethod[]): Saved[] {
  return methods.flatMap((method) => {
    const data = method.data ?? {};
    const session = data["session"] as Json | undefined;
    if (!session) return [];
    return [
      {
        id: method.id,
        agreementId: method.paymentMethodId,
        name: method.name ?? "",
        state: data["state"] === "open" ? ("open" as const) : ("suspended" as const),
        remaining: (data["remaining"] as Money | null | undefined) ?? null,
        manageUrl: typeof data["manageUrl"] === "string" ? data["manageUrl"] : null,
        session,
      },
    ];
  });
}

/** What the buyer chooses among. */
export function choices(saved: readonly Saved[], words: Words): Choice[] {
  const listed = saved.map((each) => ({
    value: each.agreementId,
    label: each.name || words.label("_agreement"),
    note: note(each, words),
    disabled: each.state !== "open",
    link: each.state === "open" || !each.manageUrl ? null : { href: each.manageUrl, label: words.label("_change_method") },
  }));
  return [...listed, { value: OTHER, label: words.label("_other"), note: "", disabled: false, link: null }];
}

function note(each: Saved, words: Words): string {
  if (each.state !== "open") return words.label("_suspended");
  const { remaining } = each;
  return remaining ? words.label("_remaining", { amount: words.money(remaining.amount, remaining.currency) }) : "";
}
