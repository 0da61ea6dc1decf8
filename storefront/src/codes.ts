// What the page does next, by the code of the app's answer. One table; the guide has the same one in words.

/**
 * - `press`: nothing was charged, the button works again.
 * - `wallet`: the buyer chooses another payment method for the same agreement.
 * - `consent`: the buyer ticks the box, then presses the button.
 * - `address`: the buyer chooses an address.
 * - `sign_in`: the buyer signs in again, and a new agreement is opened.
 * - `prove`: the buyer signs in again and goes on with the same agreement.
 * - `confirm`: the buyer confirms at Amazon.
 * - `wait`: look again by ourselves.
 * - `choose`: ask Saleor again how to show Amazon Pay.
 * - `hide`: Amazon Pay cannot be used for this purchase.
 */
export type Next =
  | "press" | "wallet" | "consent" | "address" | "sign_in" | "prove" | "confirm" | "wait" | "choose" | "hide";

const NEXT: Readonly<Record<string, Next>> = {
  agreement_required: "sign_in",
  agreement_unknown: "sign_in",
  agreement_draft: "sign_in",
  agreement_ended: "sign_in",
  buyer_is_seller: "sign_in",
  data_invalid: "sign_in",
  buyer_canceled: "sign_in",
  session_canceled: "sign_in",
  session_declined: "sign_in",
  session_expired: "sign_in",
  session_sign_in: "sign_in",
  session_used: "sign_in",
  amazon_redirect: "press",
  amount_mismatch: "press",
  recurring_amount_missing: "hide",
  access_token_required: "prove",
  access_token_invalid: "prove",
  consent_missing: "consent",
  payment_method: "wallet",
  soft_decline: "wallet",
  constraint: "wallet",
  address_missing: "address",
  authentication: "confirm",
  payment_in_progress: "wait",
  choose_again: "choose",
  processing_failure: "press",
  timed_out: "press",
  not_executed: "press",
  retry: "press",
  agreement_status: "press",
  // A failure after which a new try may succeed.
  never_made: "press",
  expired: "press",
  closed: "press",
  amazon_closed: "press",
  seller_closed: "press",
  order_canceled: "press",
  failed: "press",
};

/** What follows an answer that the buyer can mend. An unknown code may be pressed again: the app decides. */
export function afterAction(code: string): Next {
  return NEXT[code] ?? "press";
}

/** What follows a failure: the transaction is over. A code that speaks of no new try ends Amazon Pay here. */
export function afterFailure(code: string): Next {
  return NEXT[code] ?? "hide";
}

/** Codes of Amazon's widgets that mean "sign in again" (all others are the shop's to mend). */
export const WIDGET_SESSION = new Set([
  "AddressNotModifiable",
  "BuyerNotAssociated",
  "BuyerSessionExpired",
  "PaymentMethodNotModifiable",
  "StaleOrderReference",
]);
