// The shelf, one product, the cart.

import { addLine, basket, checkout, createCheckout, product, products, setLine } from "./api.js";
import { el, money, picture } from "./dom.js";

const price = (each) => money(each.defaultVariant.pricing.price.gross);

export async function home() {
  const found = await products();
  return el("div", {},
    el("section.hero", {},
      el("h1", {}, "Coffee from the harbor"),
      el("p", {}, "Roasted on Tuesdays, at your door by the weekend. One bag, or one every month.")),
    el("ul.shelf", {}, found.map((each) =>
      el("li", {}, el("a.item", { href: `/products/${each.slug}` },
        picture(each), el("strong", {}, each.name), el("span.quiet", {}, `${each.defaultVariant.name} · ${price(each)}`))))));
}

function text(description) {
  try {
    return JSON.parse(description).blocks.map((block) => block.data.text).join(" ");
  } catch {
    return "";
  }
}

export async function productPage({ go }, slug) {
  const found = await product(slug);
  if (!found) return el("section.card", {}, el("h1", {}, "We do not sell that"), el("a.button", { href: "/" }, "Back to the shop"));
  const once = el("input", { type: "radio", name: "how", value: "once", checked: true });
  const monthly = el("input", { type: "radio", name: "how", value: "monthly" });
  const add = async (event) => {
    event.target.disabled = true;
    const known = basket.get();
    const open = known && (await checkout(known.id).catch(() => null));
    const made = open ? await addLine(open.id, found.defaultVariant.id) : await createCheckout(found.defaultVariant.id);
    basket.set({ id: made.id, recurring: monthly.checked || Boolean(open && known.recurring) });
    go("/cart");
  };
  return el("section.product", {},
    el("div.frame", {}, picture(found)),
    el("div", {},
      el("h1", {}, found.name), el("p.price", {}, price(found), el("span.quiet", {}, ` · ${found.defaultVariant.name}`)),
      el("p", {}, text(found.description)),
      found.productType.isShippingRequired && el("fieldset.how", {},
        el("legend", {}, "How often?"),
        el("label", {}, once, el("span", {}, "Just once")),
        el("label", {}, monthly, el("span", {}, "Every month", el("small.quiet", {}, "Charged with Amazon Pay each month. Stop whenever you like.")))),
      el("button.button", { type: "button", onclick: add }, "Add to cart")));
}

export async function cart({ go }) {
  const known = basket.get();
  const found = known && (await checkout(known.id).catch(() => null));
  if (!found || !found.lines.length)
    return el("section.card", {}, el("h1", {}, "Your cart is empty"), el("a.button", { href: "/" }, "Find some coffee"));
  const change = (line, quantity) => async () => {
    await setLine(found.id, line.variant.id, quantity);
    go("/cart");
  };
  const rhythm = el("input", { type: "checkbox", checked: known.recurring, onchange: () => basket.set({ ...known, recurring: rhythm.checked }) });
  return el("section.card", {},
    el("h1", {}, "Cart"),
    el("ul.lines", {}, found.lines.map((line) => el("li", {},
      el("div.thumb", {}, picture({ ...line.variant.product })),
      el("div", {}, el("strong", {}, line.variant.product.name), el("span.quiet", {}, line.variant.name)),
      el("div.amount", {},
        el("button.small", { type: "button", "aria-label": `One ${line.variant.product.name} less`, onclick: change(line, line.quantity - 1) }, "−"),
        el("span", {}, String(line.quantity)),
        el("button.small", { type: "button", "aria-label": `One more ${line.variant.product.name}`, onclick: change(line, line.quantity + 1) }, "+")),
      el("span.sum", {}, money(line.totalPrice.gross))))),
    el("p.total", {}, el("span", {}, "Total"), el("strong", {}, money(found.totalPrice.gross))),
    el("label.tick", {}, rhythm, el("span", {}, "Send me this every month")),
    el("a.button", { href: "/checkout" }, "Go to checkout"));
}
