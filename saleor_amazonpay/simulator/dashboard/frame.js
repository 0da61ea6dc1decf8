// What Saleor's Dashboard does with an app's page or widget: the sandbox, the messages, the token.
// `frames` on the window is for whoever tries pages here: it changes theme and language, and renews or withholds tokens.
const SANDBOX = "allow-same-origin allow-forms allow-scripts allow-downloads allow-popups";
const asked = new URLSearchParams(location.search);
const $ = (id) => document.getElementById(id);
const read = async (path) => (await fetch(`/dashboard/data/${path}`)).json();
const state = { theme: asked.get("theme") ?? "light", locale: asked.get("locale") ?? "en", shown: [], log: [], refreshed: 0, withhold: false };

const lifetime = asked.get("ttl");
async function tokenOf(app) {
  const query = new URLSearchParams({ app: app.id, ...(lifetime && { ttl: lifetime }), ...(asked.get("staff") && { staff: asked.get("staff") }) });
  return (await read(`token?${query}`)).token;
}
const expiry = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000;

class Frame {
  constructor(app, url, { posted = false, widget = false, context = {}, path = "" } = {}) {
    Object.assign(this, { app, posted, widget, context, path, url });
    this.origin = new URL(url).origin;
    this.element = document.createElement("iframe");
    this.element.setAttribute("sandbox", SANDBOX);
    this.element.title = app.name;
    if (widget) this.element.className = "widget";
    state.shown.push(this);
  }

  address(saleorApiUrl) {
    const query = new URLSearchParams();
    const base = { domain: new URL(saleorApiUrl).host, saleorApiUrl, id: this.app.id, "featureFlags[]": "", theme: state.theme };
    for (let times = this.widget ? 2 : 1; times > 0; times--) for (const [name, value] of Object.entries(base)) query.append(name, value);
    for (const [name, value] of Object.entries(this.context)) query.append(name, value);
    return `${this.url}?${query}`;
  }

  async show(place, saleorApiUrl) {
    this.token = await tokenOf(this.app);
    if (this.posted) {
      this.element.name = `frame-${state.shown.length}`;
      place.append(this.element);
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action: this.url, target: this.element.name, hidden: true });
      for (const [name, value] of Object.entries({ saleorApiUrl, accessToken: this.token, appId: this.app.id, ...this.context })) {
        const input = document.createElement("input");
        Object.assign(input, { type: "hidden", name, value });
        form.append(input);
      }
      document.body.append(form);
      form.submit();
      form.remove();
    } else {
      this.element.addEventListener("load", () => this.send("handshake", this.handshake()));
      this.element.src = this.address(saleorApiUrl);
      place.append(this.element);
    }
    this.renewLater();
  }

  handshake() {
    return { token: this.token, version: 1, saleorVersion: this.widget ? "" : "3.23.0", dashboardVersion: "3.23.0" };
  }

  renewLater() {
    const wait = expiry(this.token) - Date.now() - 30_000;
    if (wait > 0) setTimeout(() => this.renew(), wait);
  }

  async renew() {
    if (state.withhold) return;
    this.token = await tokenOf(this.app);
    this.send("tokenRefresh", { token: this.token });
    this.renewLater();
  }

  send(type, payload) {
    if (this.posted && type !== "tokenRefresh") return;
    this.element.contentWindow?.postMessage({ type, payload }, this.origin);
  }

  async take({ type, payload }) {
    if (this.posted && type !== "widgetResize") return;
    state.log.push({ type, payload });
    this.send("response", { actionId: payload.actionId, ok: true });
    if (type === "notifyReady") {
      if (expiry(this.token) < Date.now() + 30_000 && !state.withhold) this.token = await tokenOf(this.app);
      this.send("handshake", this.handshake());
      this.send("localeChanged", { locale: state.locale });
      this.send("theme", { theme: state.theme });
      this.send("redirect", { path: `/extensions/app/${encodeURIComponent(this.app.id)}${this.path}` });
    } else if (type === "notification") {
      const item = document.createElement("li");
      item.textContent = [payload.title, payload.text].filter(Boolean).join(": ");
      $("notifications").append(item);
      setTimeout(() => item.remove(), 4000);
    } else if (type === "redirect") {
      if (payload.to.startsWith("/") && !payload.newContext) location.assign(`/dashboard${payload.to}`);
      else window.open(payload.to, "_blank", "noopener");
    } else if (type === "updateRouting") {
      history.replaceState(null, "", `/dashboard/extensions/app/${encodeURIComponent(this.app.id)}${payload.newRoute}${location.search}`);
    } else if (type === "widgetResize") {
      if (this.context.orderId) this.element.style.height = `${Math.min(5000, payload.height)}px`;
    } else if (type === "refreshEntity") {
      state.refreshed += 1;
    }
  }
}

addEventListener("message", (event) => {
  const frame = state.shown.find((each) => each.element.contentWindow === event.source && each.origin === event.origin);
  if (frame && event.data?.type && event.data.payload?.actionId) void frame.take(event.data);
});

function setTheme(theme) {
  state.theme = theme;
  document.documentElement.classList.toggle("dark", theme === "dark");
  $("dark").checked = theme === "dark";
  for (const frame of state.shown) frame.send("theme", { theme });
}
function setLocale(locale) {
  state.locale = locale;
  $("locale").value = locale;
  for (const frame of state.shown) frame.send("localeChanged", { locale });
}
$("dark").addEventListener("change", (event) => setTheme(event.target.checked ? "dark" : "light"));
$("locale").addEventListener("change", (event) => setLocale(event.target.value));

const WIDGETS = { HOMEPAGE_WIDGETS: ["homeWidgetTarget", "POST"], ORDER_DETAILS_WIDGETS: ["widgetTarget", "GET"] };
function widgets(apps, mount, context) {
  const [option, usual] = WIDGETS[mount];
  return apps.flatMap((app) => app.extensions.filter((each) => each.mount === mount && each.target === "WIDGET").map((each) => {
    const method = asked.get("method") ?? each.options?.[option]?.method ?? usual;
    const url = each.url.startsWith("/") ? app.appUrl + each.url : each.url;
    return new Frame(app, url, { posted: method === "POST", widget: true, context });
  }));
}

const { saleorApiUrl, apps } = await read("apps");
for (const app of apps.filter((each) => each.appUrl)) {
  const link = document.createElement("a");
  link.href = `/dashboard/extensions/app/${encodeURIComponent(app.id)}`;
  link.textContent = app.name;
  $("apps").append(link);
}
setTheme(state.theme);
setLocale(state.locale);
const path = location.pathname.replace(/^\/dashboard/, "");
const page = /^\/extensions\/app\/([^/]+)(\/.*)?$/.exec(path);
const order = /^\/orders\/([^/]+)$/.exec(path);
if (page) {
  const app = apps.find((each) => each.id === decodeURIComponent(page[1]));
  $("title").textContent = app?.name ?? "There is no such app.";
  const deep = page[2] && page[2] !== "/" ? page[2] : "";
  if (app) await new Frame(app, app.appUrl + deep, { path: deep }).show($("content"), saleorApiUrl);
} else {
  const orderId = order ? decodeURIComponent(order[1]) : "";
  $("title").textContent = order ? `Order ${orderId}` : "Home";
  const found = order ? widgets(apps, "ORDER_DETAILS_WIDGETS", { orderId }) : widgets(apps, "HOMEPAGE_WIDGETS", {});
  for (const frame of found) await frame.show($("content"), saleorApiUrl);
}
window.dashboard = { state, setTheme, setLocale, renew: () => Promise.all(state.shown.map((frame) => frame.renew())) };
