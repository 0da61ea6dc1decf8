// The Dashboard around us: its token, theme and language, and what it does for us. One bridge per page.
//
// A widget that was posted to gets no handshake (only `tokenRefresh` reaches it): its first token stands in the page.
import { AppBridge, actions } from "@saleor/app-sdk/app-bridge";
import { signal } from "@preact/signals";

const handed = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="amazonpay-${name}"]`)?.content ?? "";

export const base = handed("base");
const posted = handed("accessToken");
const query = new URLSearchParams(location.search); // of a parameter that is there twice, the first counts

export const context = {
  saleorApiUrl: handed("saleorApiUrl") || query.get("saleorApiUrl") || "",
  appId: handed("appId") || query.get("id") || "",
  orderId: handed("orderId") || query.get("orderId") || "",
};

const dark = matchMedia("(prefers-color-scheme: dark)");
export const token = signal(posted);
export const theme = signal<"light" | "dark">(
  query.get("theme") === "dark" || (!query.get("theme") && dark.matches) ? "dark" : "light",
);
export const locale = signal("en");
export const framed = window.parent !== window;

// A bridge without a Saleor to speak for has nobody to talk to; the page says so instead.
const bridge = framed && context.saleorApiUrl
  ? new AppBridge({ saleorApiUrl: context.saleorApiUrl, autoNotifyReady: !posted })
  : null;

bridge?.subscribe("handshake", (said) => { token.value = said.token; });
bridge?.subscribe("tokenRefresh", (said) => { token.value = said.token; });
bridge?.subscribe("theme", (said) => { theme.value = said.theme === "dark" ? "dark" : "light"; });
bridge?.subscribe("localeChanged", (said) => { locale.value = said.locale; });

// The Dashboard answers what it understands; a frame it does not listen to waits in vain, and that is no error of ours.
function tell(action: Parameters<AppBridge["dispatch"]>[0]): void {
  if (!posted || action.type === "widgetResize") void bridge?.dispatch(action).catch(() => undefined);
}

/** A token other than the one that was refused: the Dashboard is asked for it. Rejects after `patience` milliseconds. */
export function anotherToken(refused: string, patience = 15_000): Promise<string> {
  if (token.value && token.value !== refused) return Promise.resolve(token.value);
  return new Promise((resolve, reject) => {
    const waiting = setTimeout(() => { stop(); reject(new Error("no token")); }, patience);
    const stop = token.subscribe((now) => {
      if (!now || now === refused) return;
      clearTimeout(waiting);
      queueMicrotask(() => stop());
      resolve(now);
    });
    if (refused) tell(actions.NotifyReady());
  });
}

export const notify = (status: "success" | "error" | "warning" | "info", title: string, text = ""): void =>
  tell(actions.Notification({ status, title, text }));

/** Open one of the Dashboard's own pages, or an address elsewhere (in a tab of its own). */
export const open = (to: string, newContext = false): void => tell(actions.Redirect({ to, newContext }));

export const rememberRoute = (newRoute: string): void => tell(actions.UpdateRouting({ newRoute }));

export const refreshEntity = (): void => tell(actions.RefreshEntity());

/** Our own page in the Dashboard, as an address for `open`. */
export const ownPage = (path: string): string => `/extensions/app/${encodeURIComponent(context.appId)}${path}`;

/** Keep the frame as tall as what is in it. */
export function fitHeight(root: HTMLElement): () => void {
  let last = 0;
  const observer = new ResizeObserver(() => {
    const height = Math.min(5000, Math.ceil(root.getBoundingClientRect().height));
    if (height > 0 && height !== last) tell(actions.WidgetResize({ height: (last = height) }));
  });
  observer.observe(root);
  return () => observer.disconnect();
}
