// The page's address: where Amazon sends the buyer back to, and what Amazon put into it.

const OURS = [
  "access_token", "token_type", "expires_in", "scope", "state", "error", "error_description", "error_uri",
  "AuthenticationStatus", "amazonCheckoutSessionId",
];

/** What Amazon appended: hints only, what counts is read again. */
export interface Returned {
  accessToken: string;
  loginError: string;
  authentication: "Success" | "Failure" | "Abandoned" | "";
  checkoutSession: string;
}

/** Read what Amazon appended to the address, in its query or (implicit grants) its fragment. */
export function returned(): Returned {
  const query = new URLSearchParams(location.search);
  const fragment = new URLSearchParams(location.hash.slice(1));
  const of = (name: string): string => query.get(name) ?? (fragment.has("access_token") ? fragment.get(name) : null) ?? "";
  const status = of("AuthenticationStatus");
  return {
    accessToken: of("access_token"),
    loginError: query.get("error") ?? "",
    authentication: status === "Success" || status === "Failure" || status === "Abandoned" ? status : "",
    checkoutSession: of("amazonCheckoutSessionId"),
  };
}

/** The address without anything of Amazon's. */
export function ownAddress(): string {
  const url = new URL(location.href);
  for (const name of OURS) url.searchParams.delete(name);
  if (new URLSearchParams(url.hash.slice(1)).has("access_token")) url.hash = "";
  return url.href;
}

/** Take Amazon's parameters out of the address bar: a token must not stay there, nor a reload repeat a return. */
export function tidyAddress(): void {
  const own = ownAddress();
  if (own !== location.href) history.replaceState(history.state, "", own);
}

/** Where Login with Amazon keeps the buyer's token. */
export const TOKEN_COOKIE = "amazon_Login_accessToken";

/** The token that Login with Amazon keeps in its cookie. */
export function tokenCookie(): string {
  const found = new RegExp(`(?:^|;\\s*)${TOKEN_COOKIE}=([^;]*)`).exec(document.cookie)?.[1] ?? "";
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}
