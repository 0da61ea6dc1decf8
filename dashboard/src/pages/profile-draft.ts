// A profile as it stands in the form, and what of it is sent: only what was changed, secrets only when typed.
import type { FullProfile, Options } from "../types";

export const SECRETS = ["secretKey", "clientSecret", "privateKey", "mwsAuthToken"] as const;
export type SecretName = (typeof SECRETS)[number];
/** The API's name of a secret. */
export const apiSecret = (name: SecretName): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const TEXTS = [
  "alias", "wire", "region", "currency", "ledgerCurrency", "sellerId", "storeId", "clientId", "accessKey", "publicKeyId",
  "descriptor", "customerServiceNumber", "customerServiceEmail", "customerServiceSender", "timeZone",
  "processingPercent", "reservePercent", "transactionFee", "chargebackFee", "monthlyCap",
] as const;
const FLAGS = [
  "testMode", "unlimited", "refundsGiveCapBack", "allowOneTime", "allowRecurring", "captureWhenFulfilled", "releaseWhenCancelled",
] as const;
const LISTS = ["capThresholds", "shopOrigins", "chargingApps"] as const; // in the form as text, a line or comma between
export type TextName = (typeof TEXTS)[number];
export type FlagName = (typeof FLAGS)[number];
export type ListName = (typeof LISTS)[number];
export type Draft = Record<TextName | ListName | SecretName, string> & Record<FlagName, boolean> & { forget: SecretName[] };

const blankSecrets = { secretKey: "", clientSecret: "", privateKey: "", mwsAuthToken: "", forget: [] as SecretName[] };

export function blank(options: Options): Draft {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    ...blankSecrets, alias: "", wire: "V2", region: "US", currency: "USD", ledgerCurrency: "USD", sellerId: "", storeId: "",
    clientId: "", accessKey: "", publicKeyId: "", descriptor: "", customerServiceNumber: "", customerServiceEmail: "",
    customerServiceSender: "", timeZone: options.timeZones.includes(zone) ? zone : "UTC", processingPercent: "0",
    reservePercent: "0", transactionFee: "0", chargebackFee: "0", monthlyCap: "", testMode: true, unlimited: false,
    refundsGiveCapBack: false, allowOneTime: true, allowRecurring: true, captureWhenFulfilled: false,
    releaseWhenCancelled: true, capThresholds: options.capThresholds.join(", "), shopOrigins: "", chargingApps: "",
  };
}

export function draftOf(profile: FullProfile): Draft {
  return {
    ...profile, ...blankSecrets,
    transactionFee: profile.transactionFee.amount, chargebackFee: profile.chargebackFee.amount,
    monthlyCap: profile.monthlyCap?.amount ?? "", unlimited: profile.monthlyCap === null,
    capThresholds: profile.capThresholds.join(", "), shopOrigins: profile.shopOrigins.join("\n"),
    chargingApps: profile.chargingApps.join("\n"),
  };
}

/** A region brings its currency along. */
export function withRegion(draft: Draft, region: string, options: Options): Draft {
  const currency = options.regions.find((each) => each.region === region)?.currency ?? draft.currency;
  return { ...draft, region, currency, ledgerCurrency: currency };
}

const lines = (text: string): string[] => text.split(/[\n,]/).map((each) => each.trim()).filter(Boolean);

/** `AmazonPayProfileInput`: for a new profile everything that is filled in, else only what differs from `before`. */
export function inputOf(draft: Draft, before: Draft | null): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const differs = (name: keyof Draft): boolean => before === null || draft[name] !== before[name];
  for (const name of TEXTS) {
    if (name === "monthlyCap" || !differs(name)) continue;
    if (before !== null || draft[name].trim() !== "") input[name] = draft[name].trim();
  }
  for (const name of FLAGS) if (name !== "unlimited" && differs(name)) input[name] = draft[name];
  for (const name of LISTS) {
    if (!differs(name)) continue;
    const found = lines(draft[name]);
    input[name] = name === "capThresholds" ? found.map(Number) : found;
  }
  if (draft.unlimited) {
    if (differs("unlimited")) input["unlimited"] = true;
  } else if ((differs("monthlyCap") || differs("unlimited")) && draft.monthlyCap.trim() !== "") {
    input["monthlyCap"] = draft.monthlyCap.trim();
  }
  for (const name of SECRETS) if (draft[name]) input[name] = draft[name];
  if (draft.forget.length) input["clearSecrets"] = draft.forget.filter((name) => !draft[name]).map(apiSecret);
  return input;
}

/** Thresholds that are no whole numbers would be refused as a request, not as a field: they are judged here. */
export const badThresholds = (draft: Draft): boolean => lines(draft.capThresholds).some((each) => !/^\d{1,3}$/.test(each));
