// An order with its payment's timeline, looked at again while Amazon has yet to decide.

import * as api from "./api.js";
import { el, money, when } from "./dom.js";
import { addressLines } from "./checkout.js";

const STATES = { FULL: ["paid", "good"], OVERCHARGED: ["paid", "good"], PARTIAL: ["partly paid", "wait"], NONE: ["not paid yet", "wait"] };
const WORDS = {
  CHARGE_SUCCESS: "Paid", CHARGE_REQUEST: "Payment asked for", CHARGE_FAILURE: "Not paid",
  CHARGE_ACTION_REQUIRED: "You were asked for something", AUTHORIZATION_SUCCESS: "Reserved",
  AUTHORIZATION_REQUEST: "Reservation asked for", AUTHORIZATION_FAILURE: "Not reserved",
  AUTHORIZATION_ACTION_REQUIRED: "You were asked for something", REFUND_REQUEST: "Refund asked for",
  REFUND_SUCCESS: "Refunded", REFUND_FAILURE: "Refund refused", CANCEL_REQUEST: "Release asked for",
  CANCEL_SUCCESS: "Reservation released", CHARGE_BACK: "Taken back by the bank", INFO: "Note",
};
const TONES = { SUCCESS: "good", FAILURE: "bad", BACK: "bad" };

export async function orderPage({ leaving }, id) {
  const transactionId = api.payments.get()?.[id];
  const page = el("div.order", {});
  let timer = 0;
  const fill = async () => {
    const [order, payment] = await Promise.all([api.order(id), timeline(transactionId)]);
    if (!order) return page.replaceChildren(el("section.card", {}, el("h1", {}, "There is no such order")));
    page.replaceChildren(...content(order, payment));
    if (order.chargeStatus === "NONE" && payment?.status === "pending") timer = setTimeout(fill, 2000);
    return undefined;
  };
  leaving(() => clearTimeout(timer));
  await fill();
  return page;
}

async function timeline(transactionId) {
  if (!transactionId || !window.SaleorAmazonPay) return null;
  const { saleorApiUrl } = api.config;
  return window.SaleorAmazonPay.paymentState({ saleorApiUrl, transactionId }).catch(() => null);
}

function content(order, payment) {
  const [word, tone] = order.chargeStatus === "NONE" && order.authorizeStatus === "FULL" ? ["reserved", "good"] : STATES[order.chargeStatus];
  return [
    el("section.card", {},
      el("p.quiet", {}, when(order.created)),
      el("h1", {}, `Thank you. This is order ${order.number}.`),
      el("p", {}, el("span", { class: `state ${tone}`, id: "payment-state" }, word)),
      el("ul.brief", {}, order.lines.map((line) =>
        el("li", {}, el("span", {}, `${line.quantity} × ${line.productName}`), el("span", {}, money(line.totalPrice.gross))))),
      el("p.total", {}, el("span", {}, "Total"), el("strong", {}, money(order.total.gross))),
      order.shippingAddress && el("div", {}, el("h3", {}, "Goes to"),
        el("address", {}, addressLines(order.shippingAddress).flatMap((line) => [line, el("br")])))),
    el("section.card", {}, el("h2", {}, "Payment"), payment
      ? el("ol.timeline", {}, [...payment.events].reverse().map((event) =>
          el("li", { class: TONES[event.type?.split("_").pop()] ?? "wait" },
            el("strong", {}, WORDS[event.type] ?? event.type), event.amount.amount ? ` ${money(event.amount)}` : null,
            el("small.quiet", {}, when(event.createdAt)), event.message && el("small.quiet", {}, event.message))))
      : el("p.quiet", {}, "The payment's timeline is shown in the browser that paid.")),
  ];
}
