// What the buyer reads, in English. A code has one sentence, and the sentence ends with what to do.
// Keys with a leading underscore are labels of the page. The keys of every other language are these.

export const en = {
  // Done, or under way.
  paid: "Paid with Amazon Pay.",
  authorized: "Amazon Pay has reserved the amount.",
  pending: "Amazon Pay is still working on your payment. Please wait; do not pay again.",
  unknown: "We do not know yet whether your payment went through. Please wait; do not pay again.",
  agreement_saved: "Amazon Pay is saved for your next purchase.",

  // What the buyer does next.
  sign_in: "Sign in with Amazon Pay to choose how to pay.",
  agreement_required: "Sign in with Amazon Pay to choose how to pay.",
  access_token_required: "Please sign in with Amazon Pay again.",
  access_token_invalid: "Your Amazon session has ended. Please sign in with Amazon Pay again.",
  session_ended: "Your Amazon session has ended. Please sign in with Amazon Pay again.",
  login_canceled: "You did not finish signing in with Amazon. Try again when you are ready.",
  login_failed: "Amazon could not sign you in. Please try again.",
  agreement_unknown: "Amazon Pay does not know this agreement. Please sign in with Amazon Pay again.",
  agreement_draft: "The Amazon Pay agreement was not confirmed. Please sign in with Amazon Pay again.",
  agreement_ended: "This Amazon Pay agreement has ended. Please sign in with Amazon Pay to make a new one.",
  consent_missing: "Please tick the box that allows future payments with Amazon Pay.",
  payment_method: "Your payment method was declined. Please choose another one.",
  choose_method: "Please choose how to pay.",
  soft_decline: "Your bank did not approve the payment this time. Try again or choose another payment method.",
  processing_failure: "Amazon Pay could not process the payment. Nothing was charged. Please wait a moment and try again.",
  timed_out: "Amazon Pay needed too long to decide. Nothing was charged. Please try again.",
  not_executed: "Amazon Pay is very busy. Nothing was charged. Please try again.",
  retry: "Amazon Pay did not answer in time. Nothing was charged. Please try again.",
  agreement_status: "Amazon Pay cannot charge this agreement at the moment. Please try again.",
  address_missing: "Please choose a delivery address.",
  address_refused: "This shop cannot deliver to that address. Please choose another one.",
  buyer_is_seller: "This Amazon account belongs to the seller. Please sign in with another one.",
  authentication: "Please finish the confirmation at Amazon Pay.",
  authentication_abandoned: "You left the confirmation at Amazon before it was finished. Press the button to try again.",
  authentication_failed: "Amazon could not confirm that it is you. Please choose another payment method and try again.",
  constraint: "Amazon Pay needs something more from you. Please look at the boxes below.",
  payment_in_progress: "A payment for this purchase is already under way. Please wait for it to finish.",
  amount_changed: "The amount has changed. Please look at it and press the button again.",
  choose_again: "Amazon Pay could not take the payment this way. Please choose again.",
  data_invalid: "The shop sent something that Amazon Pay cannot read. Please sign in with Amazon Pay again.",

  // Amazon Pay cannot be used for this purchase.
  unavailable: "Amazon Pay is not available here. Please choose another way to pay.",
  no_profile: "Amazon Pay is not available here. Please choose another way to pay.",
  profile_paused: "Amazon Pay is not available at the moment. Please choose another way to pay.",
  monthly_cap_reached: "Amazon Pay cannot take this payment this month. Please choose another way to pay.",
  recurring_not_allowed: "This shop takes no recurring payments with Amazon Pay. Please choose another way to pay.",
  one_time_not_allowed: "This shop takes only recurring payments with Amazon Pay.",
  amazon_rejected: "Amazon Pay declined this payment. Please choose another way to pay.",
  declined: "Amazon Pay declined this payment. Please choose another way to pay.",
  monthly_limit: "This payment would pass the monthly limit of your Amazon Pay agreement. Please choose another way to pay.",
  amount_exceeded: "The amount is more than Amazon Pay allows. Please choose another way to pay.",
  count_exceeded: "Amazon Pay allows no further payment here. Please choose another way to pay.",
  amount_invalid: "Amazon Pay cannot take this amount. Please choose another way to pay.",
  currency_mismatch: "Amazon Pay cannot take this currency here. Please choose another way to pay.",
  currency_unsupported: "Amazon Pay cannot take this currency here. Please choose another way to pay.",
  merchant: "The shop has to mend something before Amazon Pay can be used. Please choose another way to pay.",
  already_paid: "There is nothing left to pay.",

  // This try is over; a new one may follow.
  never_made: "Your payment never reached Amazon. Nothing was charged. Please try again.",
  ended: "The reservation at Amazon has ended. Nothing was charged. Please try again.",
  failed: "The payment did not succeed. Please try again or choose another way to pay.",

  // The page itself.
  network: "The shop could not be reached. Please check your connection and try again.",
  shop_error: "The shop could not answer. Please try again.",
  checkout_gone: "This purchase is already finished, or it has expired.",
  completion_running: "Your order is just being placed. Please wait a moment.",
  complete_failed: "You have paid, but the order could not be placed yet. Please try again; you will not be charged twice.",
  script_blocked: "Amazon's part of this page could not be loaded. Please check your connection or ad blocker and try again.",
  widget_error: "Amazon Pay could not be shown. Please try again or choose another way to pay.",
  popup_blocked: "Your browser blocked Amazon's window. Please allow it and try again.",
  browser_old: "This browser cannot be used with Amazon Pay. Please choose another way to pay.",

  // Saved agreements.
  remove_failed: "Amazon Pay could not remove this agreement. Please try again.",
  save_failed: "Amazon Pay could not be saved. Please try again.",

  _region: "Amazon Pay",
  _sign_in: "Sign in with Amazon",
  _address: "Delivery address",
  _wallet: "Payment method",
  _consent: "Future payments",
  _pay: "Pay {amount} with Amazon Pay",
  _save: "Save Amazon Pay",
  _paying: "Paying …",
  _again: "Try again",
  _check: "Check again",
  _saved: "Use a saved agreement",
  _other: "Use another payment method at Amazon",
  _agreement: "Amazon Pay",
  _remaining: "{amount} left this month",
  _suspended: "needs another payment method",
  _change_method: "Change the payment method at Amazon",
  _support: "Questions? {contact}",
};

export type Key = keyof typeof en;
export type Messages = Record<Key, string>;
