// Languages other than English are files of their own, loaded where a page speaks them.

import type { Messages } from "./messages/en.js";

/** Set by the build: whether this is the script-tag file, which finds its neighbours by its own address. */
declare const SCRIPT_TAG: boolean;

type Loader = () => Promise<Messages>;

const here = SCRIPT_TAG ? (document.currentScript as HTMLScriptElement | null)?.src : undefined;

const beside = async (language: string): Promise<Messages> => {
  const found: Record<string, Messages> = await import(new URL(`amazonpay-${language}.mjs`, here).href);
  return found[language]!;
};

const LOADERS: Readonly<Record<string, Loader>> = {
  de: SCRIPT_TAG ? () => beside("de") : async () => (await import("./messages/de.js")).de,
};

/** The sentences of a language; null for English, and for what nobody has translated or what cannot be loaded. */
export async function load(locale: string): Promise<Messages | null> {
  const loader = LOADERS[locale.toLowerCase().split("-")[0]!];
  return loader ? loader().catch(() => null) : null;
}
