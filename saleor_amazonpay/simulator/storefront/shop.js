// The shop's router: one page per path; links inside the shop do not load the page anew.

import { basket, channels, checkout, config, move, session } from "./api.js";
import { el } from "./dom.js";
import { home, productPage, cart } from "./pages.js";
import { checkoutPage } from "./checkout.js";
import { orderPage } from "./order.js";
import { account } from "./account.js";

const ROUTES = [
  [/^\/$/, home],
  [/^\/products\/([^/]+)$/, productPage],
  [/^\/cart$/, cart],
  [/^\/checkout$/, checkoutPage],
  [/^\/orders\/([^/]+)$/, orderPage],
  [/^\/account$/, account],
];

let leave = () => {};
let turn = 0;

export async function go(path, { replace = false } = {}) {
  if (path !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"]({}, "", path);
  await show();
  scrollTo(0, 0);
}

async function show() {
  const mine = ++turn;
  leave();
  leave = () => {};
  const main = document.getElementById("main");
  const match = ROUTES.map(([path, page]) => [path.exec(location.pathname), page]).find(([found]) => found);
  const leaving = [];
  try {
    const page = match
      ? await match[1]({ go, leaving: (work) => leaving.push(work) }, ...match[0].slice(1).map(decodeURIComponent))
      : el("section.card", {}, el("h1", {}, "Nothing here"), el("p", {}, "This page does not exist."));
    if (mine !== turn) return leaving.forEach((work) => work());
    main.replaceChildren(page);
    page.dispatchEvent(new Event("shown"));
  } catch (error) {
    main.replaceChildren(el("section.card", {}, el("h1", {}, "Something went wrong"), el("p", {}, String(error.message ?? error))));
  }
  leave = () => leaving.forEach((work) => work());
  await count();
}

export async function count() {
  document.getElementById("account-link").textContent = session.get() ? session.get().email.split("@")[0] : "Account";
  const known = basket.get();
  const found = known && (await checkout(known.id).catch(() => null));
  const number = found ? found.lines.reduce((sum, line) => sum + line.quantity, 0) : 0;
  const badge = document.getElementById("cart-count");
  badge.textContent = String(number);
  badge.hidden = number === 0;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/']");
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || link.target) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
const places = document.getElementById("channel");
places.append(...Object.entries(channels).map(([slug, name]) => el("option", { value: slug, selected: slug === config.channel }, name)));
places.closest("label").hidden = places.options.length < 2;
places.addEventListener("change", () => move(places.value));
addEventListener("popstate", show);
show();
