// The account: signing in, saved agreements, orders.

import * as api from "./api.js";
import { el, field, money, when } from "./dom.js";

export async function account(shop) {
  const me = api.session.get() && (await api.me().catch(() => null));
  if (!me) {
    api.session.forget();
    return signInPage(shop);
  }
  return el("div.account", {},
    el("section.card", {}, el("h1", {}, "Your account"),
      el("p.quiet", {}, me.email),
      el("button.small", { type: "button", onclick: () => signOut(shop) }, "Sign out")),
    await agreements(),
    orders(me.orders.edges.map((edge) => edge.node)));
}

function signOut({ go }) {
  api.session.forget();
  api.basket.forget(); // the next visitor's checkout is not hers
  window.SaleorAmazonPay?.signOutOfAmazon();
  go("/account");
}

function signInPage({ go }) {
  const note = el("p.note", { hidden: true, role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    try {
      await api.signIn(email, password);
      go("/account");
    } catch (error) {
      note.textContent = error.message;
      note.hidden = false;
    }
  };
  return el("section.card.narrow", {}, el("h1", {}, "Sign in"),
    api.config.hint && el("p.quiet", {}, api.config.hint),
    el("form", { onsubmit: submit },
      field("E-mail", "email", "", { type: "email", autocomplete: "username" }),
      field("Password", "password", "", { type: "password", autocomplete: "current-password" }),
      note, el("button.button", {}, "Sign in")));
}

async function agreements() {
  const place = el("section.card", {}, el("h2", {}, "Saved with Amazon Pay"));
  const pay = window.SaleorAmazonPay;
  const common = { saleorApiUrl: api.config.saleorApiUrl, channel: api.config.channel, token: api.session.get().token };
  const list = el("ul.saved", {});
  const fill = async () => {
    const found = await pay.listAgreements(common).catch(() => []);
    list.replaceChildren(...found.map((each) => row(each)));
    if (!found.length) list.replaceChildren(el("li.quiet", {}, "Nothing yet. Buy something for every month, and the agreement is kept here."));
  };
  const row = (each) => {
    const note = el("small.note", { hidden: true, role: "alert" });
    const remove = async (event) => {
      event.target.disabled = true;
      try {
        await pay.removeAgreement({ ...common, id: each.id });
        await fill();
      } catch (error) {
        note.textContent = error.message;
        note.hidden = false;
        event.target.disabled = false;
      }
    };
    const left = each.remaining ? `${money(each.remaining)} left this month` : "";
    return el("li", {},
      el("div", {}, el("strong", {}, each.name), el("small.quiet", {}, each.state === "open" ? left : "needs another payment method"),
        each.state === "suspended" && each.manageUrl && el("a", { href: each.manageUrl, target: "_blank", rel: "noopener" }, "Change it at Amazon"), note),
      el("button.small", { type: "button", onclick: remove }, "Remove"));
  };
  if (pay) await fill();
  place.append(list, pay ? saveButton(common, fill) : "");
  return place;
}

function saveButton(common, saved) {
  const box = el("div", {});
  const open = el("button.small", { type: "button" }, "Save Amazon Pay for later");
  const begin = () => {
    open.remove();
    window.SaleorAmazonPay.mountSaving({ ...common, element: box, recurring: { frequency: { unit: "Month", value: "1" }, amount: 20 } })
      .result.then(({ status }) => status === "saved" && saved());
  };
  open.addEventListener("click", begin);
  // Back from Amazon's pages: go on where she left.
  if (/[?&#](access_token|amazonCheckoutSessionId|AuthenticationStatus)=/.test(location.search)) queueMicrotask(begin);
  return el("div", {}, open, box);
}

function orders(found) {
  return el("section.card", {}, el("h2", {}, "Orders"), found.length
    ? el("ul.brief", {}, found.map((order) => el("li", {},
        el("a", { href: `/orders/${encodeURIComponent(order.id)}` }, `Order ${order.number}`),
        el("span.quiet", {}, when(order.created)), el("span", {}, money(order.total.gross)))))
    : el("p.quiet", {}, "No orders yet."));
}
