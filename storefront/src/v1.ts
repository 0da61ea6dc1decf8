// Amazon Pay v1 on the page: Login with Amazon, then AddressBook, Wallet and Consent, each when the one before is done.

import type { AmazonLogin, ConsentStatus, AgreementReference, LoginAnswer, OffAmazonPayments, WidgetError } from "./amazon.js";
import { WIDGET_SESSION, type Next } from "./codes.js";
import type { Driver, Setting } from "./driver.js";
import { AmazonPayError } from "./failures.js";
import { tidyAddress, tokenCookie } from "./page.js";
import type { Answer } from "./payment.js";
import type { Json } from "./saleor.js";
import { load } from "./script.js";

interface Config {
  sellerId: string;
  clientId: string;
  region: string;
  widgetsUrl: string;
  scopes: string;
}

interface Amazon {
  login: AmazonLogin;
  pay: OffAmazonPayments;
}

const PATIENCE = 15_000; // until Amazon's script must have said that it is ready
const CONFIRMING_REGIONS = new Set(["uk", "eu"]); // strong customer authentication

/** Whether an answer of the gateway is this wire's. */
export function isV1(config: Json): boolean {
  return typeof config["widgetsUrl"] === "string";
}

/** The widgets. */
export class Widgets implements Driver {
  readonly #set: Setting;
  agreement = "";
  readonly #config: Config;
  #amazon: Amazon | null = null;
  #token = "";
  #addressed = false;
  #method = false;
  #agreed = false;

  constructor(set: Setting) {
    this.#set = set;
    this.#config = set.config as unknown as Config;
  }

  back(next?: Next): boolean {
    return Boolean(this.#set.came.accessToken) && (!next || next === "sign_in");
  }

  async begin(): Promise<void> {
    await this.#open();
    if (this.#token) this.#widgets();
    else this.#signIn(() => this.#widgets());
  }

  adopt(agreement: string): void {
    this.agreement = agreement;
    this.#addressed = this.#method = this.#agreed = true; // until the app complains
  }

  async proven(): Promise<boolean> {
    await this.#open();
    return Boolean(this.#token);
  }

  async repair(next: Next, code: string): Promise<void> {
    const { login } = await this.#open();
    if (next === "sign_in") {
      this.agreement = "";
      if (code === "buyer_is_seller") login.logout();
      this.#signIn(() => this.#widgets());
    } else if (next === "prove") {
      this.#signIn(() => this.#set.changed());
    } else if (this.#token) {
      this.#mend(next, code);
    } else {
      this.#signIn(() => this.#mend(next, code));
    }
  }

  missing(): string {
    if (!this.agreement || !this.#token) return "sign_in";
    if (!this.#addressed) return "address_missing";
    if (!this.#method) return "choose_method";
    return this.#set.recurring && this.#set.consentRequired && !this.#agreed ? "consent_missing" : "";
  }

  data(): Json {
    const wanted = this.#set.recurring && (this.#agreed || this.#set.consentRequired);
    return {
      amazonBillingAgreementId: this.agreement,
      accessToken: this.#token,
      ...(wanted ? { recurring: this.#set.recurring } : {}),
      ...(this.#set.mayPend ? { mayPend: true } : {}),
      ...(this.#confirms ? { successUrl: this.#set.returnUrl, failureUrl: this.#set.returnUrl } : {}),
    };
  }

  async pay(ask: () => Promise<Answer>): Promise<Answer | null> {
    if (!this.#confirms) return ask();
    const { pay } = await this.#open();
    return new Promise((resolve, reject) => {
      pay.initConfirmationFlow(this.#config.sellerId, this.agreement, (flow) => {
        ask().then(
          (answer) => {
            const leaving = answer.kind === "action" && answer.code === "authentication";
            if (leaving) {
              this.#set.leaving();
              flow.success(); // Amazon leaves this page, and comes back to the return URL
            } else flow.error();
            resolve(leaving ? null : answer);
          },
          (thrown: unknown) => {
            flow.error();
            reject(thrown as Error);
          },
        );
      });
    });
  }

  hide(): void {
    this.#set.view.hide();
  }

  get #confirms(): boolean {
    return CONFIRMING_REGIONS.has(this.#config.region);
  }

  async #open(): Promise<Amazon> {
    if (!this.#amazon) {
      this.#amazon = await ready(this.#config);
      const { accessToken, loginError } = this.#set.came;
      this.#token ||= accessToken || tokenCookie();
      tidyAddress();
      if (loginError) this.#set.failed(new AmazonPayError(loginError === "access_denied" ? "login_canceled" : "login_failed"));
    }
    return this.#amazon;
  }

  #signIn(then: () => void): void {
    const { view, popup } = this.#set;
    this.#token = "";
    view.hide();
    this.#set.step("login");
    const { login, pay } = this.#amazon!;
    pay.Button(view.place("login"), this.#config.sellerId, {
      type: "PwA",
      color: "Gold",
      size: "large",
      ...(this.#confirms ? { language: this.#set.locale } : {}),
      authorization: () =>
        login.authorize({ scope: this.#config.scopes, popup }, popup ? (answer) => this.#signedIn(answer, then) : this.#set.returnUrl),
      onError: (error) => this.#complain(error),
    });
    this.#set.changed();
  }

  #signedIn(answer: LoginAnswer, then: () => void): void {
    if (!answer.access_token) {
      const code = answer.error === "access_denied" ? "login_canceled" : "login_failed";
      return this.#set.failed(new AmazonPayError(code, answer.error_description));
    }
    this.#token = answer.access_token;
    this.#set.view.hide("login");
    then();
  }

  /** A new agreement. */
  #widgets(): void {
    this.#set.view.hide();
    this.agreement = "";
    this.#addressed = !this.#set.needsAddress;
    this.#method = this.#agreed = false;
    if (this.#set.needsAddress) this.#addressBook();
    else this.#wallet();
    this.#set.changed();
  }

  #mend(next: Next, code: string): void {
    if (next === "address") {
      this.#addressed = false;
      this.#addressBook();
      return;
    }
    if (next === "consent") {
      this.#agreed = false;
      if (this.#set.view.shows("wallet")) return this.#consent();
    }
    if (code === "constraint") this.#agreed = this.#method = false;
    if (code === "payment_method") this.#method = false;
    this.#wallet();
  }

  #addressBook(): void {
    this.#set.step("address");
    const { Widgets } = this.#amazon!.pay;
    const widget = new Widgets.AddressBook({
      ...this.#subject(),
      onReady: (reference: AgreementReference) => {
        this.agreement = reference.getAmazonBillingAgreementId();
      },
      onAddressSelect: () => void this.#addressChosen(),
      onError: (error) => this.#complain(error),
    });
    widget.bind(this.#set.view.place("address"));
  }

  async #addressChosen(): Promise<void> {
    try {
      await this.#set.address(this.agreement, this.#token);
    } catch (thrown) {
      this.#addressed = false;
      this.#set.failed(thrown as AmazonPayError);
      return this.#set.changed();
    }
    const first = !this.#addressed;
    this.#addressed = true;
    if (first) this.#wallet(); // later choices refresh the wallet by themselves
    this.#set.changed();
  }

  #wallet(): void {
    this.#set.step("wallet");
    const { Widgets } = this.#amazon!.pay;
    const asked = Boolean(this.#set.recurring) && !this.#agreed;
    if (asked) this.#set.view.hide("consent");
    let first = true;
    const widget = new Widgets.Wallet({
      ...this.#subject(),
      onReady: (reference: AgreementReference) => {
        this.agreement ||= reference.getAmazonBillingAgreementId();
      },
      onPaymentSelect: () => {
        this.#method = true;
        if (first && asked) this.#consent();
        else if (first) this.#set.step("pay");
        first = false;
        this.#set.changed();
      },
      onError: (error) => this.#complain(error),
    });
    widget.bind(this.#set.view.place("wallet"));
    this.#set.changed();
  }

  #consent(): void {
    this.#set.step("consent");
    const { Widgets } = this.#amazon!.pay;
    const told = (status: ConsentStatus): void => {
      // Amazon says the text 'true'; its documentation says a boolean.
      const agreed = String(status.getConsentStatus()) === "true";
      if (agreed && !this.#agreed) this.#set.step("pay");
      this.#agreed = agreed;
      this.#set.changed();
    };
    const widget = new Widgets.Consent({
      sellerId: this.#config.sellerId,
      amazonBillingAgreementId: this.agreement,
      design: { designMode: "responsive" },
      onReady: told,
      onConsent: told,
      onError: (error) => this.#complain(error),
    });
    widget.bind(this.#set.view.place("consent"));
  }

  /** The agreement a widget is about; the first widget makes one. */
  #subject(): { sellerId: string; design: { designMode: "responsive" } } & (
    | { agreementType: "BillingAgreement" }
    | { amazonBillingAgreementId: string }
  ) {
    const about = this.agreement
      ? { amazonBillingAgreementId: this.agreement }
      : { agreementType: "BillingAgreement" as const };
    return { sellerId: this.#config.sellerId, design: { designMode: "responsive" }, ...about };
  }

  #complain(error: WidgetError): void {
    const code = error.getErrorCode();
    const detail = `${code}: ${error.getErrorMessage()}`;
    if (!WIDGET_SESSION.has(code)) return this.#set.failed(new AmazonPayError("widget_error", detail));
    this.#set.failed(new AmazonPayError("session_ended", detail));
    this.#signIn(() => this.#widgets());
  }
}

/** Amazon's script, loaded and told who we are. */
async function ready(config: Config): Promise<Amazon> {
  const introduce = (): void => {
    window.amazon?.Login?.setClientId(config.clientId);
    window.amazon?.Login?.setUseCookie(true); // a return from Amazon's own pages leaves the token there
  };
  if (window.OffAmazonPayments && window.amazon?.Login) introduce();
  else {
    // Both have to stand before the script runs.
    const told = new Promise<void>((resolve) => {
      chain("onAmazonLoginReady", introduce);
      chain("onAmazonPaymentsReady", resolve);
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new AmazonPayError("script_blocked", "the script never became ready")), PATIENCE);
    });
    await load(config.widgetsUrl);
    await Promise.race([told, late]);
  }
  if (!window.OffAmazonPayments || !window.amazon?.Login) throw new AmazonPayError("script_blocked", config.widgetsUrl);
  return { login: window.amazon.Login, pay: window.OffAmazonPayments };
}

function chain(name: "onAmazonLoginReady" | "onAmazonPaymentsReady", ours: () => void): void {
  const before = window[name];
  window[name] = () => {
    before?.();
    ours();
  };
}
