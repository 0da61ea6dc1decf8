// Which colour a state has: one table per state.
import type { Tone } from "./ui/basics";

const of = (table: Record<string, Tone>) => (value: string): Tone => table[value] ?? "plain";
export const stateTone = of({ ACTIVE: "good", PAUSED: "warn" });
export const ipnTone = of({ HEALTHY: "good", REFUSED: "bad" });
export const qualificationTone = of({ QUALIFIES: "good", PAUSED: "warn", NO_ROOM: "warn", CURRENCY_MISMATCH: "bad", CLOSED: "bad" });
export const phaseTone = of({ DONE: "good", PENDING: "warn", CALLING: "info", REPAIRABLE: "warn", DECLINED: "bad" });
export const severityTone = of({ INFO: "info", WARNING: "warn", CRITICAL: "bad" });
export const agreementTone = of({ OPEN: "good", SUSPENDED: "warn", CANCELED: "bad" });
export const setupTone = of({ DONE: "good", TODO: "warn", BY_HAND: "info" });
