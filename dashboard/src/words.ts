// Texts in the Dashboard's language, and amounts and times as that language writes them.
import { computed, effect, signal } from "@preact/signals";
import { locale } from "./bridge";
import en from "./messages/en";

export type Words = typeof en;
const known: Record<string, () => Promise<{ default: Words }>> = { de: () => import("./messages/de") };
const words = signal<Words>(en);

effect(() => {
  const wanted = locale.value.slice(0, 2).toLowerCase();
  document.documentElement.lang = wanted in known ? wanted : "en";
  const load = known[wanted];
  if (!load) words.value = en;
  else void load().then(
    (found) => { if (locale.value.slice(0, 2).toLowerCase() === wanted) words.value = found.default; },
    () => { words.value = en; },
  );
});

/** The texts; a component that calls this is drawn again when the language changes. */
export const t = (): Words => words.value;

/** The name of one of the API's enum values; what a newer API added is shown as it is written. */
export const named = (names: Record<string, string>, value: string): string => names[value] ?? value;

export type Money = { amount: string; currency: string };

const formats = computed(() => {
  const tag = usable(locale.value);
  return {
    tag,
    time: new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }),
    moment: new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "medium" }),
    day: new Intl.DateTimeFormat(tag, { dateStyle: "medium" }),
    month: new Intl.DateTimeFormat(tag, { month: "long", year: "numeric", timeZone: "UTC" }),
    short: new Intl.DateTimeFormat(tag, { month: "short", timeZone: "UTC" }),
    number: new Intl.NumberFormat(tag),
  };
});

function usable(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag.replace("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}

// Decimal texts are formatted as they are: no amount passes through a floating-point number.
const exact = (format: Intl.NumberFormat, text: string): string => format.format(text as unknown as number);

export const money = (value: Money): string =>
  exact(new Intl.NumberFormat(formats.value.tag, { style: "currency", currency: value.currency }), value.amount);
export const percent = (text: string): string =>
  `${exact(new Intl.NumberFormat(formats.value.tag, { maximumFractionDigits: 1 }), text)}\u00a0%`;
export const count = (value: number): string => formats.value.number.format(value);
export const time = (iso: string): string => formats.value.time.format(new Date(iso));
export const moment = (iso: string): string => formats.value.moment.format(new Date(iso));
export const day = (iso: string): string => formats.value.day.format(new Date(iso));
/** "2026-11" as a name. */
export const month = (text: string): string => formats.value.month.format(new Date(`${text}-01T00:00:00Z`));
export const shortMonth = (text: string): string => formats.value.short.format(new Date(`${text}-01T00:00:00Z`));
