// The checkout: who buys, where it goes, and Amazon Pay, which is one call.

import * as api from "./api.js";
import { el, field, money } from "./dom.js";

export async function checkoutPage({ go, leaving }) {
  const known = api.basket.get();
  const found = known && (await api.checkout(known.id).catch(() => null));
  if (!found) return el("section.card", {}, el("h1", {}, "There is nothing to pay for"), el("a.button", { href: "/" }, "Find some coffee"));
  if (api.session.get()) await prefill(found);
  const summary = el("aside.card", {});
  const steps = el("div", {});
  const update = async () => fillSummary(summary, (await api.checkout(found.id).catch(() => null)) ?? found, known.recurring);
  const page = el("div.checkout", {}, steps, summary);
  await update();
  const pay = () => {
    const place = el("div", { id: "amazon-pay" });
    steps.replaceChildren(el("section.card", {}, el("h1", {}, "Payment"), place));
    if (!page.isConnected) page.addEventListener("shown", () => mount(place), { once: true });
    else mount(place);
  };
  const mount = (place) => {
    if (!window.SaleorAmazonPay) {
      place.append(el("p.note", {}, "The drop-in is not there: run “make storefront” and start the demo again."));
      return;
    }
    const shown = window.SaleorAmazonPay.mount({
      saleorApiUrl: api.config.saleorApiUrl,
      checkoutId: found.id,
      element: place,
      token: () => api.session.get()?.token,
      recurring: known.recurring ? { frequency: { unit: "Month", value: "1" } } : undefined,
      writeAddress: true,
      complete: true,
    });
    leaving(() => shown.unmount());
    shown.on("address", async () => {
      const now = await api.checkout(found.id);
      if (now.shippingMethods[0] && !now.delivery) await api.setDelivery(found.id, now.shippingMethods[0].id);
      await update();
    });
    shown.result.then(({ order, transactionId }) => {
      if (!order) return;
      api.payments.set({ ...api.payments.get(), [order.id]: transactionId });
      api.basket.forget();
      go(`/orders/${encodeURIComponent(order.id)}`, { replace: true });
    });
  };
  const now = await api.checkout(found.id);
  if (now.email && (now.isShippingRequired || now.billingAddress)) pay();
  else steps.append(contact(now, pay, update));
  return page;
}

async function prefill(found) {
  const me = await api.me();
  if (!me) return;
  if (!found.email) await api.setEmail(found.id, me.email);
  if (!me.defaultBillingAddress) return;
  const address = api.addressInput(me.defaultBillingAddress);
  if (!found.billingAddress) await api.setBilling(found.id, address);
  if (!found.isShippingRequired || found.shippingAddress) return;
  await api.setShipping(found.id, address);
  const now = await api.checkout(found.id);
  if (now.shippingMethods[0]) await api.setDelivery(found.id, now.shippingMethods[0].id);
}

function contact(found, done, update) {
  const billing = found.isShippingRequired ? [] : [
    el("h2", {}, "Billing address"),
    el("div.pair", {}, field("First name", "firstName", "Jane"), field("Last name", "lastName", "Doe")),
    field("Street", "streetAddress1", "10 Ditka Ave"),
    el("div.pair", {}, field("City", "city", "Chicago"), field("ZIP code", "postalCode", "60602")),
    el("div.pair", {}, field("State", "countryArea", "IL"), field("Country", "country", "US", { maxlength: 2 })),
  ];
  const note = el("p.note", { hidden: true, role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    const { email, ...address } = Object.fromEntries(new FormData(event.target));
    try {
      await api.setEmail(found.id, email);
      if (!found.isShippingRequired) await api.setBilling(found.id, address);
      await update();
      done();
    } catch (error) {
      note.textContent = error.message;
      note.hidden = false;
    }
  };
  return el("section.card", {}, el("h1", {}, "Your details"),
    el("p.quiet", {}, "Have an account? ", el("a", { href: "/account" }, "Sign in"), " to use saved agreements."),
    el("form", { onsubmit: submit },
      field("E-mail", "email", found.email ?? "", { type: "email", autocomplete: "email", placeholder: "you@example.com" }),
      ...billing, note, el("button.button", {}, "Continue to payment")));
}

export function addressLines(address) {
  return [`${address.firstName} ${address.lastName}`, address.companyName, address.streetAddress1, address.streetAddress2,
    `${address.city} ${address.countryArea} ${address.postalCode}`, address.country.country].filter(Boolean);
}

function fillSummary(place, found, recurring) {
  const address = found.isShippingRequired && found.shippingAddress;
  place.replaceChildren(...[
    el("h2", {}, "Your order"),
    el("ul.brief", {}, found.lines.map((line) =>
      el("li", {}, el("span", {}, `${line.quantity} × ${line.variant.product.name}`), el("span", {}, money(line.totalPrice.gross))))),
    found.delivery && el("p.row", {}, el("span", {}, found.delivery.shippingMethod.name), el("span", {}, "free")),
    el("p.total", {}, el("span", {}, "Total"), el("strong", {}, money(found.totalPrice.gross))),
    recurring && el("p.badge", {}, "Every month"),
    address && el("div", {}, el("h3", {}, "Goes to"), el("address", {}, addressLines(address).flatMap((line) => [line, el("br")]))),
  ].filter(Boolean));
}
