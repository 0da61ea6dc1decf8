// The part of the page that is ours: places for Amazon's widgets, a line for what is said, a button.
//
// Amazon's scripts look elements up by id, so everything stands in the page itself, without a shadow root. The style
// sheet is a constructed one, which a strict Content-Security-Policy allows, and weighs nothing against the shop's own.

import type { Words, Key } from "./words.js";

const STYLE = `
:where(.amazonpay){display:grid;gap:1rem;max-width:40rem}
:where(.amazonpay) :where(h3){margin:0 0 .4rem;font-size:1rem}
:where(.amazonpay-address,.amazonpay-wallet) :where(.amazonpay-widget){height:240px}
:where(.amazonpay-consent) :where(.amazonpay-widget){height:140px}
:where(.amazonpay-widget){width:100%}
:where(.amazonpay) :where(.amazonpay-widget:has(>.amazonpay-link)){height:auto}
:where(.amazonpay-message){margin:0;padding:.6rem .8rem;border-left:4px solid #1f6feb;background:#1f6feb14}
:where(.amazonpay-message[data-tone="bad"]){border-color:#b42318;background:#b4231814}
:where(.amazonpay-message[data-tone="good"]){border-color:#067647;background:#06764714}
:where(.amazonpay-message) :where(small){display:block;opacity:.8}
:where(.amazonpay-pay){font:inherit;font-weight:600;padding:.8rem 1.2rem;border:0;border-radius:6px;cursor:pointer;background:#ffd814;color:#111}
:where(.amazonpay-pay:disabled){opacity:.5;cursor:default}
:where(.amazonpay-link){font:inherit;display:inline-block;padding:.45rem .9rem;border:1px solid #8888;border-radius:6px;background:none;color:inherit;cursor:pointer}
:where(.amazonpay-saved){border:0;margin:0;padding:0;display:grid;gap:.4rem}
:where(.amazonpay-saved) :where(label){display:flex;gap:.5rem;align-items:baseline;flex-wrap:wrap}
:where(.amazonpay [hidden]){display:none}
`;

/** What a line says: neutral, bad or good news. */
export type Tone = "plain" | "bad" | "good";

export type Place = "login" | "address" | "wallet" | "consent";

/** One choice among saved agreements. */
export interface Choice {
  value: string;
  label: string;
  note: string;
  disabled: boolean;
  link: { href: string; label: string } | null;
}

let count = 0;
let sheet: CSSStyleSheet | null = null;

/** The rendered part of one mount. */
export class View {
  readonly #words: Words;
  readonly #ownButton: boolean;
  readonly root = document.createElement("div");
  readonly #places = new Map<Place, HTMLElement>();
  readonly #saved = document.createElement("fieldset");
  readonly #line = document.createElement("p");
  readonly #button = document.createElement("button");
  readonly #prefix = `amazonpay-${++count}`;

  constructor(
    readonly host: HTMLElement,
    words: Words,
    ownButton: boolean,
    press: () => void,
  ) {
    this.#words = words;
    this.#ownButton = ownButton;
    dress();
    this.root.className = "amazonpay";
    this.root.setAttribute("role", "group");
    this.root.lang = words.locale;
    this.#saved.className = "amazonpay-saved";
    this.#saved.hidden = true;
    this.#line.className = "amazonpay-message";
    this.#line.setAttribute("role", "status");
    this.#line.hidden = true;
    this.#button.type = "button";
    this.#button.className = "amazonpay-pay";
    this.#button.hidden = true;
    this.#button.addEventListener("click", press);
    this.root.append(this.#line, this.#saved);
    for (const place of ["login", "address", "wallet", "consent"] as const) this.root.append(this.#section(place));
    this.root.append(this.#button);
    host.replaceChildren(this.root);
  }

  /** An empty element for one of Amazon's widgets, shown; what was in it is gone. Returns its id. */
  place(name: Place): string {
    const section = this.#places.get(name)!;
    const widget = document.createElement("div");
    widget.id = `${this.#prefix}-${name}-${++count}`;
    widget.className = "amazonpay-widget";
    if (name === "login") section.replaceChildren(widget);
    else {
      const title = document.createElement("h3");
      title.textContent = this.#words.label(`_${name}`);
      section.replaceChildren(title, widget);
    }
    section.hidden = false;
    return widget.id;
  }

  /** Put a button into a place, or a link that opens a page of Amazon's. */
  link(id: string, label: string, page?: string): void {
    const made = document.createElement(page ? "a" : "button");
    made.textContent = label;
    made.className = "amazonpay-link";
    if (made instanceof HTMLAnchorElement && page) Object.assign(made, { href: page, target: "_blank", rel: "noopener" });
    document.getElementById(id)!.append(made);
  }

  /** Whether a widget is there. */
  shows(name: Place): boolean {
    return !this.#places.get(name)!.hidden;
  }

  /** Take widgets away. */
  hide(...names: Place[]): void {
    for (const name of names.length ? names : this.#places.keys()) {
      const section = this.#places.get(name)!;
      section.hidden = true;
      section.replaceChildren();
    }
  }

  /** Say something, or nothing. Bad news is read out at once. */
  say(text: string, tone: Tone = "plain", more = ""): void {
    this.#line.hidden = !text;
    this.#line.dataset["tone"] = tone;
    this.#line.setAttribute("role", tone === "bad" ? "alert" : "status");
    this.#line.textContent = text;
    if (more) {
      const small = document.createElement("small");
      small.textContent = more;
      this.#line.append(small);
    }
  }

  /** Show the button (if it is ours to show), dead or alive. */
  offer(label: string, enabled: boolean): void {
    this.#button.hidden = !this.#ownButton;
    this.#button.textContent = label;
    this.#button.disabled = !enabled;
  }

  /** No button. */
  withdraw(): void {
    this.#button.hidden = true;
  }

  /** Whether something is under way that must not be disturbed. */
  busy(on: boolean): void {
    this.root.setAttribute("aria-busy", String(on));
    this.root.setAttribute("aria-label", this.#words.label("_region"));
    if (on) this.#button.disabled = true;
  }

  /** Offer choices; the chosen value is told at once for the one that is chosen already. */
  choose(title: Key, choices: readonly Choice[], chosen: string, told: (value: string) => void): void {
    const legend = document.createElement("legend");
    legend.textContent = this.#words.label(title);
    this.#saved.replaceChildren(legend, ...choices.map((each) => this.#option(each, chosen, told)));
    this.#saved.hidden = false;
    told(chosen);
  }

  /** No choices. */
  unchoose(): void {
    this.#saved.hidden = true;
    this.#saved.replaceChildren();
  }

  /** Where the buyer is, for the shop's own style. */
  mark(step: string): void {
    this.root.dataset["step"] = step;
  }

  remove(): void {
    this.root.remove();
  }

  #option(choice: Choice, chosen: string, told: (value: string) => void): HTMLElement {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = `${this.#prefix}-saved`;
    input.value = choice.value;
    input.checked = choice.value === chosen;
    input.disabled = choice.disabled;
    input.addEventListener("change", () => told(choice.value));
    const note = document.createElement("small");
    note.textContent = choice.note;
    label.append(input, choice.label, note);
    if (choice.link) {
      const link = document.createElement("a");
      link.href = choice.link.href;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = choice.link.label;
      label.append(link);
    }
    return label;
  }

  #section(name: Place): HTMLElement {
    const section = document.createElement("section");
    section.className = `amazonpay-${name}`;
    section.hidden = true;
    this.#places.set(name, section);
    return section;
  }
}

/** Put the style sheet on the page, once, and where a browser cannot, do without. */
function dress(): void {
  if (sheet) return;
  try {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  } catch {
    sheet = null;
  }
}
