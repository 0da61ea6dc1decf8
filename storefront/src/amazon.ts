// What is used of Amazon's scripts (Widgets.js with Login with Amazon, and checkout.js), as far as public sources tell.

export interface WidgetError {
  getErrorCode(): string;
  getErrorMessage(): string;
}

export interface AgreementReference {
  getAmazonBillingAgreementId(): string;
}

export interface ConsentStatus {
  /** In practice the text "true" or "false"; the documentation says a boolean. */
  getConsentStatus(): string | boolean;
}

export interface WidgetOptions {
  sellerId: string;
  agreementType?: "BillingAgreement";
  amazonBillingAgreementId?: string;
  design?: { designMode: "responsive" };
  onReady?(reference: never): void;
  onAddressSelect?(reference: unknown): void;
  onPaymentSelect?(reference: unknown): void;
  onConsent?(status: never): void;
  onError?(error: WidgetError): void;
}

interface Widget {
  bind(elementId: string): void;
}

export interface ConfirmationFlow {
  success(): void;
  error(): void;
}

export interface OffAmazonPayments {
  Button(
    elementId: string,
    sellerId: string,
    options: {
      type: "PwA" | "Pay" | "A" | "LwA" | "Login";
      color: "Gold" | "LightGray" | "DarkGray";
      size: "small" | "medium" | "large" | "x-large";
      language?: string;
      authorization(): void;
      onError(error: WidgetError): void;
    },
  ): void;
  Widgets: Record<"AddressBook" | "Wallet" | "Consent", new (options: WidgetOptions) => Widget>;
  initConfirmationFlow(sellerId: string, agreementId: string, callback: (flow: ConfirmationFlow) => void): void;
}

export interface LoginAnswer {
  access_token?: string;
  error?: string;
  error_description?: string;
}

export interface AmazonLogin {
  setClientId(id: string): void;
  setUseCookie(use: boolean): void;
  authorize(options: { scope: string; popup: boolean }, next: string | ((answer: LoginAnswer) => void)): void;
  logout(): void;
}

/** Checkout v2. */
export interface PayScript {
  renderButton(selector: string, config: object): unknown;
  bindChangeAction(
    selector: string,
    options: { amazonCheckoutSessionId: string; changeAction: "changeAddress" | "changePayment" },
  ): void;
}

declare global {
  interface Window {
    onAmazonLoginReady?: () => void;
    onAmazonPaymentsReady?: () => void;
    amazon?: { Login?: AmazonLogin; Pay?: PayScript };
    OffAmazonPayments?: OffAmazonPayments;
  }
}
