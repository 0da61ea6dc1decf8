// Checkout v2 on the page: Amazon's button, then the buyer chooses on Amazon's pages and comes back to pay.
//
// She leaves twice: to choose who pays and where it goes, and to confirm the payment that the app has set up. What the
// address bar brings back names a session and proves nothing: the app reads the session before anything is charged.

import type { PayScript } from "./amazon.js";
import type { Next } from "./codes.js";
import type { Driver, Setting } from "./driver.js";
import { AmazonPayError } from "./failures.js";
import { tidyAddress } from "./page.js";
import type { Answer } from "./payment.js";
import type { Json } from "./saleor.js";
import { load } from "./script.js";

/** Whether an answer of the gateway is this wire's. */
export function isV2(config: Json): boolean {
  return typeof config["checkoutScriptUrl"] === "string";
}

/** The button, and what follows it. */
export class Button implements Driver {
  readonly #set: Setting;
  agreement = "";
  #wallet = ""; // Amazon's page of a saved agreement
  #addressed = true; // until the shop refuses the address

  constructor(set: Setting) {
    this.#set = set;
  }

  back(): boolean {
    return Boolean(this.#set.came.checkoutSession);
  }

  async begin(): Promise<void> {
    const { checkoutSession } = this.#set.came;
    tidyAddress();
    if (!checkoutSession) return this.#button();
    this.agreement = checkoutSession;
    this.#set.chosen(checkoutSession);
    await this.#arrived();
  }

  adopt(agreement: string): void {
    this.agreement = agreement;
    tidyAddress();
  }

  async proven(): Promise<boolean> {
    return true; // the session is the proof
  }

  async repair(next: Next, code: string, data: Json): Promise<void> {
    const page = data["amazonPayWalletUrl"];
    if (next === "wallet" && typeof page === "string") {
      this.#wallet = page;
      this.#set.view.link(this.#set.view.place("wallet"), this.#set.words.label("_change_method"), page);
      return this.#set.changed();
    }
    if (next === "sign_in") {
      this.agreement = "";
      return this.#button();
    }
    // Without a code nothing was asked yet, and an earlier visit may have ended before the address was written.
    return code ? this.#chosen() : this.#arrived();
  }

  missing(): string {
    if (!this.agreement) return "sign_in";
    return this.#addressed ? "" : "address_missing";
  }

  data(): Json {
    const { recurring, returnUrl, mayPend } = this.#set;
    // A session's id becomes a permission's by paying with it: the wallet page is only ever a permission's.
    const named = this.#wallet ? { chargePermissionId: this.agreement } : { amazonCheckoutSessionId: this.agreement };
    return { ...named, ...(recurring ? { recurring } : {}), successUrl: returnUrl, failureUrl: returnUrl, mayPend };
  }

  async pay(ask: () => Promise<Answer>): Promise<Answer | null> {
    const answer = await ask();
    const page = answer.kind === "action" && answer.code === "amazon_redirect" && answer.data["amazonPayRedirectUrl"];
    if (typeof page !== "string") return answer;
    this.#set.leaving();
    location.assign(page);
    return null;
  }

  hide(): void {
    this.#set.view.hide();
  }

  async #button(): Promise<void> {
    const { view, config } = this.#set;
    const pay = await this.#script();
    view.hide();
    this.#set.step("login");
    pay.renderButton(`#${view.place("login")}`, { ...(config["button"] as Json), checkoutLanguage: language(config["region"], this.#set.locale) });
    this.#set.changed();
  }

  /** She has chosen at Amazon. An address the shop refuses is changed there, before anything is paid. */
  async #arrived(): Promise<void> {
    try {
      await this.#set.address(this.agreement, "");
      this.#addressed = true;
    } catch (thrown) {
      if (!(thrown instanceof AmazonPayError) || thrown.code !== "address_refused") throw thrown;
      this.#addressed = false;
      this.#set.failed(thrown);
    }
    await this.#chosen();
  }

  /** Back from Amazon: what was chosen can be changed there, and paid. */
  async #chosen(): Promise<void> {
    const { view, words } = this.#set;
    const pay = await this.#script();
    view.hide();
    for (const [place, key, action] of [
      ["address", "_change_address", "changeAddress"],
      ["wallet", "_change_method", "changePayment"],
    ] as const) {
      if (place === "address" && !this.#set.needsAddress) continue;
      const id = view.place(place);
      view.link(id, words.label(key));
      pay.bindChangeAction(`#${id} button`, { amazonCheckoutSessionId: this.agreement, changeAction: action });
    }
    this.#set.step("pay");
    this.#set.changed();
  }

  async #script(): Promise<PayScript> {
    const url = this.#set.config["checkoutScriptUrl"] as string;
    await load(url);
    if (!window.amazon?.Pay) throw new AmazonPayError("script_blocked", url);
    return window.amazon.Pay;
  }
}

const LANGUAGES: Readonly<Record<string, string>> = { de: "de_DE", fr: "fr_FR", it: "it_IT", es: "es_ES" };

/** Amazon's name of a language: America and Japan have one, Europe has five. */
function language(region: unknown, locale: string): string {
  if (region === "us") return "en_US";
  return region === "jp" ? "ja_JP" : (LANGUAGES[locale.toLowerCase().split("-")[0]!] ?? "en_GB");
}
