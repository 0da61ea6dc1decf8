// One mounted Amazon Pay: from the gateway's answer over the buyer's steps to a result that Saleor has, too.
//
// Success is only ever told from what Saleor answered. Whatever the page forgets (a reload, a closed tab, the back
// button), `memory.ts` leads back to the same transaction, and Saleor says how far it came.

import { readAddress } from "./address.js";
import { afterAction, afterFailure, type Next } from "./codes.js";
import type { Driver } from "./driver.js";
import { AmazonPayError, asError } from "./failures.js";
import type { Errand, Payable } from "./errand.js";
import type { Record_ } from "./memory.js";
import { ownAddress, returned, tidyAddress } from "./page.js";
import type { Answer } from "./payment.js";
import { isOrder, Saleor, type Json, type Purchase } from "./saleor.js";
import { choices, OTHER, savedAgreements, type Saved } from "./saved.js";
import type { AmazonPay, Events, Options, Result } from "./types.js";
import { View } from "./view.js";
import { Voice } from "./voice.js";
import { Words, pageLocale } from "./words.js";
import { driverOf } from "./wires.js";

const STILL_WAITING = 10 * 60_000; // a press of the button is taken up again within this time, in milliseconds
const POLLS = [2, 3, 5, 8, 13, 20]; // seconds between looks at a pending payment; then every half minute
const SLOWEST = 30;
const WAITS = [2, 3, 5, 8, 13]; // seconds between tries while another payment of this purchase is under way

/** See `AmazonPay`. */
export class Session implements AmazonPay {
  readonly #options: Options;
  readonly result: Promise<Result>;
  readonly #began = performance.now();
  readonly #words: Words;
  readonly #spoken: Promise<void>; // until the page's language is there
  readonly #saleor: Saleor;
  readonly #errand: Errand;
  readonly #payment: Payable;
  readonly #view: View;
  readonly #voice: Voice;
  #resolve!: (result: Result) => void;
  #purchase: Purchase | null = null;
  #driver: Driver | null = null;
  #came = returned();
  #appUrl = "";
  #saved: Saved[] = [];
  #chosen: Saved | null = null; // a saved agreement, instead of the driver's
  #paying: Promise<void> | null = null;
  #again: (() => Promise<void>) | null = null; // what the button does instead of paying
  #over = false;
  #shown = false;
  #gone = false;
  #timer = 0;

  constructor(options: Options, make: (saleor: Saleor, pause: (milliseconds: number) => Promise<void>) => Errand) {
    this.#options = options;
    const host = typeof options.element === "string" ? document.querySelector<HTMLElement>(options.element) : options.element;
    if (!host) throw new AmazonPayError("element_missing", String(options.element));
    this.#words = new Words(options.locale ?? pageLocale(), options.messages);
    this.#view = new View(host, this.#words, options.payButton ?? true, () => void this.submit());
    this.#voice = new Voice(this.#view, this.#words);
    this.#saleor = new Saleor(options.saleorApiUrl, options.token, options.fetch ?? window.fetch.bind(window));
    this.#errand = make(this.#saleor, pause);
    this.#payment = this.#errand.payable;
    this.#spoken = this.#words.ready();
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    window.addEventListener("pageshow", this.#cameBack);
    window.addEventListener("storage", this.#otherTab);
    void this.#guard(() => this.#start());
  }

  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void | Promise<void>): () => void {
    return this.#voice.on(type, listener);
  }

  submit(): Promise<void> {
    if (this.#over || this.#gone) return Promise.resolve();
    this.#paying ??= this.#guard(() => (this.#again ? this.#again() : this.#press())).finally(() => {
      this.#paying = null;
      this.#refresh();
    });
    return this.#paying;
  }

  unmount(): void {
    this.#gone = true;
    clearTimeout(this.#timer);
    window.removeEventListener("pageshow", this.#cameBack);
    window.removeEventListener("storage", this.#otherTab);
    this.#view.remove();
  }

  // --- from mounting to the first step

  async #start(): Promise<void> {
    this.#view.busy(true);
    const { recurring } = this.#options;
    // What Amazon's button of v2 is signed for; v1 needs none of it.
    const page = { returnUrl: this.#returnUrl, ...(recurring ? { recurring } : {}) };
    const [config, purchase] = await Promise.all([
      this.#errand.config(page),
      this.#errand.purchase(),
      this.#spoken,
    ]);
    if (this.#gone) return; // a page that mounts twice in a row leaves one
    if (!purchase) throw new AmazonPayError("checkout_gone");
    this.#purchase = purchase;
    if (config["available"] !== true) {
      const code = typeof config["code"] === "string" ? config["code"] : "unavailable";
      return this.#unavailable(code, text(config["message"]));
    }
    this.#appUrl = text(config["app"]);
    this.#voice.support = (config["support"] ?? {}) as Json;
    if (this.#options.recurring && config["recurringAllowed"] === false) return this.#unavailable("recurring_not_allowed", "");
    this.#driver?.hide();
    this.#came = returned();
    this.#driver = this.#makeDriver(config["amazon"] as Json, purchase);
    const record = this.#payment.remembered;
    if (record && (await this.#resume(record, purchase))) return;
    if (purchase.total.amount && !purchase.left.amount) return this.#failed("already_paid", "", {});
    await this.#offer(purchase);
  }

  #makeDriver(config: Json, purchase: Purchase): Driver {
    const options = this.#options;
    return driverOf({
      view: this.#view,
      words: this.#words,
      config,
      locale: this.#words.locale,
      needsAddress: purchase.needsAddress,
      recurring: options.recurring,
      consentRequired: options.consent !== "optional",
      returnUrl: this.#returnUrl,
      mayPend: options.acceptPending ?? false,
      popup: options.popup ?? location.protocol === "https:",
      came: this.#came,
      chosen: (agreement) => this.#payment.chosen(agreement),
      step: (step) => this.#voice.step(step),
      changed: () => this.#refresh(),
      address: (agreement, token) => this.#addressChosen(agreement, token),
      leaving: () => this.#leaving(),
      failed: (error) => this.#voice.complain(error),
    });
  }

  get #returnUrl(): string {
    return this.#options.returnUrl ?? ownAddress();
  }

  /** Show saved agreements, if there are any; else begin at Amazon. */
  async #offer(purchase: Purchase): Promise<void> {
    if (this.#driver!.back()) return this.#atAmazon();
    if (this.#options.savedAgreements !== false && (await this.#saleor.signedIn())) {
      this.#saved = savedAgreements(await this.#saleor.methods(purchase.channel).catch(() => []));
    }
    const usable = this.#saved.find((each) => each.state === "open");
    if (!usable) return this.#atAmazon();
    this.#voice.step("saved");
    this.#view.choose("_saved", choices(this.#saved, this.#words), usable.agreementId, (value) => this.#choose(value));
    this.#presentable();
  }

  #choose(value: string): void {
    this.#chosen = this.#saved.find((each) => each.agreementId === value) ?? null;
    this.#view.say("");
    this.#again = null;
    if (value === OTHER) void this.#guard(() => this.#atAmazon());
    else {
      this.#driver?.hide();
      this.#voice.step("saved");
      this.#refresh();
    }
  }

  async #atAmazon(): Promise<void> {
    await this.#driver!.begin();
    this.#presentable();
  }

  // --- taking up what an earlier visit left

  /** Go on with what is remembered; false if there is nothing to go on with. */
  async #resume(record: Record_, purchase: Purchase): Promise<boolean> {
    if (record.phase === "done" || record.phase === "pending") {
      await this.#conclude(await this.#payment.look(record));
      return true;
    }
    const pressed = record.phase === "out" && Date.now() - record.at < STILL_WAITING;
    // The key is kept: whatever came of it is found again.
    if (!record.transaction && !pressed && record.phase !== "chosen") return false;
    const waits = record.phase === "action" || record.phase === "chosen";
    if (waits && this.#driver!.back(afterAction(record.code ?? ""))) return false;
    await this.#adopt(record, purchase);
    if (record.phase === "confirming") await this.#confirmed();
    else if (pressed) await this.#takeUp();
    else if (record.phase === "chosen") await this.#driver!.repair("press", "", {});
    // She was asked to sign in again, and has: there is nothing more to complain of.
    else if (afterAction(record.code ?? "") === "prove" && (await this.#driver!.proven())) this.#refresh();
    else await this.#act(record.code ?? "retry", "", {});
    this.#presentable();
    return true;
  }

  async #adopt(record: Record_, purchase: Purchase): Promise<void> {
    if (record.saved) {
      this.#saved = savedAgreements(await this.#saleor.methods(purchase.channel));
      this.#chosen = this.#saved.find((each) => each.agreementId === record.agreement) ?? null;
    }
    this.#driver!.adopt(record.agreement);
  }

  /** The buyer comes back from Amazon's confirmation page. */
  async #confirmed(): Promise<void> {
    const { authentication, checkoutSession } = this.#came;
    tidyAddress();
    this.#voice.step("authentication");
    if (authentication === "Success" || checkoutSession) return this.#takeUp();
    if (authentication === "Failure") {
      this.#voice.told("authentication_failed", "", {}, false);
      return this.#driver!.repair("wallet", "payment_method", {});
    }
    // Left, or came back in a way that tells nothing: the button asks what is so.
    this.#voice.told("authentication_abandoned", "", {}, false);
    if (!(await this.#driver!.proven())) return this.#driver!.repair("prove", "", {});
    this.#refresh();
  }

  /** Ask again for what was asked before. */
  async #takeUp(): Promise<void> {
    if (!this.#chosen && !(await this.#driver!.proven())) {
      this.#voice.told("access_token_required", "", {}, false);
      return this.#driver!.repair("prove", "", {});
    }
    await this.#pay();
  }

  /** The browser shows this page again as it was left (back button): what it says may be old. */
  readonly #cameBack = (event: PageTransitionEvent): void => {
    if (event.persisted && !this.#over) void this.#guard(() => this.#start());
  };

  /** Another tab of the same purchase has paid. */
  readonly #otherTab = (event: StorageEvent): void => {
    const record = this.#over || this.#paying || event.storageArea !== window.localStorage ? null : this.#payment.remembered;
    if (record && (record.phase === "done" || record.phase === "pending") && event.key?.startsWith("saleor-amazonpay:")) {
      void this.#guard(async () => this.#conclude(await this.#payment.look(record)));
    }
  };

  // --- paying

  async #press(): Promise<void> {
    const missing = this.#chosen ? "" : this.#driver!.missing();
    if (missing) return this.#voice.lacks(missing);
    const before = this.#due;
    this.#purchase = await this.#errand.purchase();
    if (!this.#purchase) throw new AmazonPayError("checkout_gone");
    // The buyer agreed to the amount on the button, and to no other.
    if (this.#due !== before) return this.#voice.told("amount_changed", "", {}, false);
    await this.#pay();
    // The app has learned that she never confirmed at Amazon; asked once more, it says where to go.
    const { phase, code } = this.#payment.remembered ?? {};
    if (phase === "action" && code === "authentication") await this.#pay();
  }

  /** What the button says. */
  get #due(): number {
    const { total, left } = this.#purchase!;
    return this.#options.amount ?? (left.amount || total.amount);
  }

  /** What to remember as due: only Saleor knows it if another payment covers a part. */
  get #certainlyDue(): number | null {
    return this.#options.amount ?? (this.#purchase!.covered === "NONE" ? this.#due : null);
  }

  async #pay(): Promise<void> {
    this.#view.busy(true);
    this.#view.say("");
    this.#view.offer(this.#words.label("_paying"), false);
    await this.#voice.emit("submit", {});
    const answer = this.#chosen ? await this.#payWith(this.#chosen) : await this.#payAtAmazon(this.#driver!);
    if (answer) await this.#conclude(answer); // else the buyer is on the way to Amazon
  }

  #payWith(saved: Saved): Promise<Answer> {
    return this.#payment.pay(saved.agreementId, true, saved.session, this.#certainlyDue);
  }

  #payAtAmazon(driver: Driver): Promise<Answer | null> {
    return driver.pay(() => this.#payment.pay(driver.agreement, false, driver.data(), this.#certainlyDue));
  }

  async #conclude(answer: Answer): Promise<void> {
    if (answer.kind === "success") return this.#succeeded(answer);
    if (answer.kind === "pending") return this.#waitFor(answer.transaction);
    if (answer.kind === "action") return this.#act(answer.code, answer.said, answer.data);
    return this.#failed(answer.code, answer.said, answer.data);
  }

  async #succeeded(answer: Answer & { kind: "success" }): Promise<void> {
    this.#settle();
    this.#view.say(this.#words.sentence(answer.status), "good");
    const { status, transaction: transactionId, amount } = answer;
    await this.#voice.emit("success", { status, transactionId, amount });
    await this.#finish({ status, code: status, transactionId, order: null });
  }

  /** Complete the checkout if that was asked for, and end. */
  async #finish(result: Result): Promise<void> {
    if (!this.#options.complete || isOrder(this.#options.checkoutId)) return this.#end(result);
    try {
      const order = await this.#saleor.complete(this.#options.checkoutId);
      this.#payment.forget();
      await this.#voice.emit("completed", { order });
      this.#end({ ...result, order });
    } catch (thrown) {
      this.#voice.complain(asError(thrown), "complete_failed");
      this.#offerAgain("_again", () => this.#finish(result));
    }
  }

  /** Amazon decides later: look again until it has. */
  async #waitFor(transactionId: string): Promise<void> {
    this.#settle();
    this.#view.say(this.#words.sentence("pending"));
    await this.#voice.emit("pending", { transactionId });
    if (this.#options.acceptPending) return this.#finish({ status: "pending", code: "pending", transactionId, order: null });
    this.#poll(0);
  }

  #poll(turn: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(
      () =>
        void this.#guard(async () => {
          const record = this.#payment.remembered;
          if (!record || this.#gone) return;
          const answer = await this.#payment.look(record).catch(() => null); // not reached: it is still pending for us
          if (!answer || answer.kind === "pending") this.#poll(turn + 1);
          else await this.#conclude(answer);
        }),
      1000 * (POLLS[turn] ?? SLOWEST),
    );
  }

  /** The buyer, or the page itself, can mend it within the same transaction. */
  async #act(code: string, said: string, data: Json): Promise<void> {
    const next = afterAction(code);
    if (next === "hide") return this.#failed(code, said, data);
    this.#voice.told(code, said, data, false);
    if (next === "wait") return this.#waitForTheOther(0);
    if (next === "choose") return this.#start();
    await this.#mend(next, code, data);
  }

  async #mend(next: Next, code: string, data: Json): Promise<void> {
    if (next === "press" || next === "confirm") return this.#presentable();
    if (this.#chosen && next !== "sign_in") this.#driver!.adopt(this.#chosen.agreementId);
    this.#view.unchoose();
    this.#chosen = null;
    await this.#driver!.repair(next, code, data);
    this.#presentable();
  }

  /** The transaction is over. */
  async #failed(code: string, said: string, data: Json): Promise<void> {
    const next = afterFailure(code);
    this.#voice.told(code, said, data, next === "hide");
    if (next !== "hide") return this.#mend(next, code, data);
    this.#settle();
    // Covered by what this browser does not remember: Saleor makes an order of it, or says what is missing.
    if (code === "already_paid" && this.#options.complete) {
      return this.#finish({ status: "authorized", code, transactionId: null, order: null });
    }
    this.#end({ status: "failed", code, transactionId: null, order: null });
  }

  /** Another payment of this purchase is under way: ask again after a while, and then let the buyer. */
  #waitForTheOther(turn: number): void {
    const seconds = WAITS[turn];
    if (seconds === undefined) return this.#presentable();
    this.#view.busy(true);
    this.#timer = window.setTimeout(
      () =>
        void this.#guard(async () => {
          const answer = this.#chosen ? await this.#payWith(this.#chosen) : await this.#payAtAmazon(this.#driver!);
          if (answer?.kind === "action" && afterAction(answer.code) === "wait") this.#waitForTheOther(turn + 1);
          else if (answer) await this.#conclude(answer);
        }),
      1000 * seconds,
    );
  }

  #leaving(): void {
    this.#payment.confirming();
    this.#voice.step("authentication");
  }

  async #addressChosen(agreement: string, token: string): Promise<void> {
    if (!this.#options.writeAddress || isOrder(this.#options.checkoutId)) return;
    const { saleorApiUrl, checkoutId } = this.#options;
    const fetch = this.#options.fetch ?? window.fetch.bind(window);
    const address = await readAddress(fetch, this.#appUrl, { saleorApiUrl, purchaseId: checkoutId, agreement, token });
    await this.#saleor.writeAddress("shipping", checkoutId, address);
    await this.#saleor.writeAddress("billing", checkoutId, address);
    await this.#voice.emit("address", { address });
    this.#purchase = (await this.#saleor.purchase(checkoutId)) ?? this.#purchase;
  }

  // --- what the page shows and tells

  #unavailable(code: string, said: string): void {
    this.#settle();
    this.#voice.told(code, said, {}, true);
    this.#end({ status: "unavailable", code, transactionId: null, order: null });
  }

  /** Nothing more to choose or press. */
  #settle(): void {
    clearTimeout(this.#timer);
    this.#driver?.hide();
    this.#view.unchoose();
    this.#view.withdraw();
    this.#view.busy(false);
    this.#again = null;
    this.#presentable();
  }

  #end(result: Result): void {
    this.#over = true;
    if (result.status !== "failed" && result.status !== "unavailable") this.#voice.step("done");
    this.#resolve(result);
  }

  #offerAgain(label: "_again" | "_check", again: () => Promise<void>): void {
    this.#again = again;
    this.#view.busy(false);
    this.#view.offer(this.#words.label(label), true);
    this.#presentable();
  }

  #refresh(): void {
    if (this.#over || this.#gone || this.#paying || !this.#purchase || this.#again) return;
    const record = this.#payment.remembered;
    if (record?.phase === "done" || record?.phase === "pending") return;
    this.#view.busy(false);
    const missing = this.#chosen ? "" : this.#driver?.missing();
    this.#voice.nowLacks(missing ?? "");
    if (missing === "sign_in") return this.#view.withdraw();
    this.#view.offer(this.#errand.label(this.#words, this.#due, this.#purchase.total.currency), true);
  }

  /** There is something to press or read for the first time. */
  #presentable(): void {
    this.#view.busy(false);
    this.#refresh();
    if (this.#shown) return;
    this.#shown = true;
    void this.#voice.emit("ready", { milliseconds: Math.round(performance.now() - this.#began) });
  }

  /** Run something; what goes wrong is said, and the button tries again. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      await this.#spoken;
      if (this.#gone) return;
      const error = asError(thrown);
      this.#voice.complain(error);
      if (error.code === "checkout_gone") return this.#unavailable(error.code, "");
      // What is not known is asked again, never begun anew; anything else starts over, and finds what is remembered.
      const known = this.#purchase !== null && this.#driver !== null;
      if (error.code === "network" && known && !this.#payment.remembered) this.#refresh(); // nothing was asked yet
      else if (error.code === "unknown" && known) this.#offerAgain("_check", () => this.#afresh(() => this.#takeUp()));
      else this.#offerAgain("_again", () => this.#afresh(() => this.#start()));
    }
  }

  async #afresh(work: () => Promise<void>): Promise<void> {
    this.#again = null;
    this.#view.say("");
    await work();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
