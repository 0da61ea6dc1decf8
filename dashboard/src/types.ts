// What the API answers, as far as the pages ask for it (docs/api.md). Enum values stay the API's own words.
import type { Money } from "./words";

export type Warning = { field: string | null; code: string; message: string; remedy: string };
export type Flaw = Warning;
export type Check = { name: string; state: "OK" | "FAILED"; message: string };
export type Viewer = {
  name: string; maySeeSettings: boolean; mayChangeSettings: boolean; maySeePayments: boolean; mayActOnPayments: boolean;
};
export type Problem = { key: string; severity: "INFO" | "WARNING" | "CRITICAL"; message: string; since: string };
export type SetupItem = {
  code: string; state: "DONE" | "TODO" | "BY_HAND"; title: string; message: string; values: string[]; url: string | null;
};
export type Cap = {
  month: string; timeZone: string; endsAt: string; unlimited: boolean; cap: Money | null; booked: Money;
  remaining: Money | null; percent: string | null; forecastReachedAt: string | null;
  thresholds: { percent: number; amount: Money; reached: boolean }[];
};
export type Ipn = {
  url: string | null; state: "NEVER" | "HEALTHY" | "REFUSED"; lastReceivedAt: string | null; lastSubject: string | null;
  receivedLastDay: number; waiting: number; refusals: { code: string; message: string; count: number; lastAt: string }[];
};
export type Brief = {
  id: string; version: number; alias: string; wire: string; region: string; testMode: boolean; currency: string;
  state: "ACTIVE" | "PAUSED" | "CLOSED"; stateReason: string;
};
export type Assignment = {
  channel: string; priority: number; weight: number; qualification: string; profile: Brief;
};
export type Channel = {
  id: string; slug: string; name: string; currencyCode: string; isActive: boolean; assignments: Assignment[];
};
export type CardProfile = Brief & {
  sellerId: string; cap: Cap; ipn: Pick<Ipn, "state" | "lastReceivedAt" | "waiting">;
  assignments: { channel: string; qualification: string }[]; warnings: Warning[]; openOperations: number;
};
export type Secret = { name: string; isSet: boolean; lastFour: string; readable: boolean };
export type FullProfile = Omit<CardProfile, "ipn"> & {
  ledgerCurrency: string; storeId: string; clientId: string; accessKey: string; publicKeyId: string; descriptor: string;
  customerServiceNumber: string; customerServiceEmail: string; customerServiceSender: string; monthlyCap: Money | null;
  timeZone: string; capThresholds: number[]; refundsGiveCapBack: boolean; processingPercent: string;
  reservePercent: string; transactionFee: Money; chargebackFee: Money; shopOrigins: string[]; chargingApps: string[];
  allowOneTime: boolean; allowRecurring: boolean; captureWhenFulfilled: boolean; releaseWhenCancelled: boolean;
  createdAt: string; updatedAt: string; secrets: Secret[]; ipn: Ipn; setup: SetupItem[]; openAgreements: number;
  deletable: boolean; simulations: (Simulated & { title: string })[]; nextSimulations: Simulated[];
};
export type Simulated = { call: "AUTHORIZE" | "CAPTURE" | "REFUND"; code: string };
export type Options = {
  regions: { region: string; currency: string; sellerCentralUrl: string }[]; currencies: { code: string; digits: number }[];
  timeZones: string[]; descriptorLength: number; capThresholds: number[]; publicUrl: string | null;
};
export type Operation = {
  id: string; kind: string; phase: string; amount: Money; moved: Money | null; transactionId: string; sourceId: string; parentId: string | null;
  attempt: number; code: string; message: string; amazonState: string; amazonReason: string; pspReference: string;
  amazonId: string; needsAttention: boolean; createdAt: string; updatedAt: string; profile: { id: string; alias: string; testMode: boolean };
};
export type Entry = {
  at: string; actor: string; kind: string; title: string; detail: string; code: string; amount: Money | null; operationId: string | null;
};
export type Payment = {
  transactionId: string; createdAt: string; authorized: Money; captured: Money; refunded: Money; refundable: Money;
  busy: boolean; actions: string[]; needsAttention: boolean; sellerCentralUrl: string | null;
  profile: { id: string; alias: string; testMode: boolean };
  agreement: { id: string; amazonId: string; state: string; reason: string; recurring: boolean; chargeable: boolean } | null;
  orderId: string | null; operations: Operation[]; timeline: Entry[];
};
export type FeeMonth = {
  profileId: string; month: string; currency: string; sales: number; gross: Money; refunds: Money; chargebacks: Money;
  expectedFee: Money; expectedReserve: Money; expectedNet: Money; actualFee: Money | null; difference: Money | null;
};
