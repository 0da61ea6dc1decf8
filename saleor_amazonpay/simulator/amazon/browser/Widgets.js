// The simulator's Widgets.js: Login with Amazon, the three widgets and the confirmation flow, with Amazon's callbacks,
// error codes and quirks. Each widget is a frame of the simulator's own pages; it knows the buyer by the access token.
(() => {
  "use strict";
  const origin = new URL(document.currentScript.src).origin;
  const sandbox = document.currentScript.src.includes("/sandbox/");
  const COOKIE = "amazon_Login_accessToken";
  let clientId = "";
  let useCookie = false;
  let token = "";
  let count = 0;

  const cookie = () => {
    const found = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=([^;]*)`));
    return found ? decodeURIComponent(found[1]) : "";
  };
  const keep = (value) => {
    token = value;
    if (!useCookie) return;
    const life = value ? 3600 : 0;
    document.cookie = `${COOKIE}=${encodeURIComponent(value)}; path=/; max-age=${life}; samesite=lax`;
  };
  const address = (path, parameters) => {
    const url = new URL(path, origin);
    for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
    return url.href;
  };
  const signIn = (scope, more) =>
    address("/ap/oa", { client_id: clientId, scope, response_type: "token", sandbox: String(sandbox), ...more });

  const Login = {
    setClientId: (id) => void (clientId = id),
    setUseCookie: (use) => {
      useCookie = use;
      const back = new URLSearchParams(location.search).get("access_token");
      if (use && back) keep(back);
      else if (use) token ||= cookie();
    },
    authorize: (options, next) => {
      if (typeof next === "string") {
        location.assign(signIn(options.scope, { redirect_uri: next }));
        return;
      }
      const popup = window.open(signIn(options.scope, { popup: location.origin }), "amazonloginpopup", "width=520,height=720");
      if (!popup) return next({ error: "access_denied", error_description: "The window was blocked." });
      let told = false;
      const done = (answer) => {
        if (told) return;
        told = true;
        clearInterval(watch);
        removeEventListener("message", hear);
        if (answer.access_token) keep(answer.access_token);
        next(answer);
      };
      const hear = (event) => {
        if (event.source === popup && event.origin === origin && event.data?.amazon === "login") done(event.data.answer);
      };
      const closed = () => done({ error: "access_denied", error_description: "The buyer closed the window." });
      const watch = setInterval(() => {
        if (!popup.closed) return;
        clearInterval(watch);
        setTimeout(closed, 200); // what the window said before it closed may still be on its way
      }, 200);
      addEventListener("message", hear);
    },
    logout: () => {
      useCookie = true;
      keep("");
    },
  };

  const failure = (code, message) => ({ getErrorCode: () => code, getErrorMessage: () => message });

  // What a widget hands to its callbacks: the agreement, and in the Consent widget the box as a text.
  const reference = (data) => ({
    getAmazonBillingAgreementId: () => data.agreement,
    getConsentStatus: () => (data.consent ? "true" : "false"),
  });

  class Widget {
    constructor(kind, options) {
      this.kind = kind;
      this.options = options;
    }

    bind(elementId) {
      const { kind, options } = this;
      const place = document.getElementById(elementId);
      const refuse = (code, message) => setTimeout(() => options.onError?.(failure(code, message)), 0);
      if (!place) return refuse("InvalidParameterValue", `There is no element ${elementId}.`);
      if (!options.sellerId) return refuse("MissingParameter", "sellerId is missing.");
      if (!options.amazonBillingAgreementId && (kind === "consent" || options.agreementType !== "BillingAgreement"))
        return refuse("MissingParameter", "amazonBillingAgreementId or agreementType is missing.");
      if (!(token ||= useCookie ? cookie() : "")) return refuse("BuyerSessionExpired", "The buyer is not signed in.");
      const frame = document.createElement("iframe");
      const id = `amazon-widget-${++count}`;
      const agreement = options.amazonBillingAgreementId;
      const mode = options.displayMode ?? "";
      frame.title = { address: "Amazon AddressBook", wallet: "Amazon Wallet", consent: "Amazon Consent" }[kind];
      frame.id = id;
      frame.src = address(`/widgets/${kind}`, { widget: id, seller: options.sellerId, sandbox: String(sandbox), agreement, mode, token });
      Object.assign(frame.style, { width: "100%", height: "100%", border: "0" });
      addEventListener("message", (event) => {
        if (event.source !== frame.contentWindow || event.origin !== origin || event.data?.widget !== id) return;
        const { deed, data } = event.data;
        if (deed === "error") options.onError?.(failure(data.code, data.message));
        else options[{ ready: "onReady", address: "onAddressSelect", wallet: "onPaymentSelect", consent: "onConsent" }[deed]]?.(reference(data));
      });
      place.replaceChildren(frame);
      return undefined;
    }
  }

  const widget = (kind) =>
    class extends Widget {
      constructor(options) {
        super(kind, options);
      }
    };

  const Button = (elementId, sellerId, options) => {
    const place = document.getElementById(elementId);
    if (!place || !sellerId) {
      options.onError?.(failure(sellerId ? "InvalidParameterValue" : "InvalidSellerId", "The button has no place or seller."));
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = { LwA: "Login with Amazon", Login: "Login" }[options.type] ?? "Pay with Amazon";
    button.setAttribute("aria-label", button.textContent);
    Object.assign(button.style, {
      font: "600 16px Arial, sans-serif", padding: "12px 28px", borderRadius: "4px", cursor: "pointer",
      border: "1px solid #a88734", color: "#111",
      background: { LightGray: "#e7e9ec", DarkGray: "#565959" }[options.color] ?? "linear-gradient(#f7dfa5, #f0c14b)",
    });
    button.addEventListener("click", () => options.authorization());
    place.replaceChildren(button);
  };

  window.amazon = { ...window.amazon, Login };
  window.OffAmazonPayments = {
    Button,
    Widgets: { AddressBook: widget("address"), Wallet: widget("wallet"), Consent: widget("consent") },
    initConfirmationFlow: (sellerId, agreement, callback) => {
      const success = () => location.assign(address("/ap/confirm", { seller: sellerId, id: agreement }));
      setTimeout(() => callback({ success, error: () => undefined }), 0);
    },
  };
  setTimeout(() => {
    window.onAmazonLoginReady?.();
    window.onAmazonPaymentsReady?.();
  }, 0);
})();
