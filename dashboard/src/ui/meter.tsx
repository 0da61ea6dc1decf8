// The monthly cap: how much of it is used, and when it will be.
import type { ComponentChildren } from "preact";
import type { Cap } from "../types";
import { day, money, percent, t } from "../words";

/** `name` stands for the label where space is short; then nothing but the meter is shown. */
export function Meter({ cap, alias, name }: { cap: Cap; alias: string; name?: ComponentChildren }) {
  const words = t().cap;
  const booked = money(cap.booked);
  if (cap.unlimited || !cap.cap) return <p class="cap-text"><span>{name ?? words.label}</span> <strong>{words.unlimited(booked)}</strong></p>;
  const used = cap.percent === null ? 100 : Math.min(100, Number(cap.percent));
  const reached = cap.thresholds.filter((each) => each.reached).length;
  const tone = used >= 100 ? "bad" : reached > 1 ? "warn" : "good";
  const text = cap.percent === null ? words.closed : words.used(booked, money(cap.cap));
  return (
    <div class="cap">
      <p class="cap-text"><span>{name ?? words.label}</span> <strong>{text}</strong></p>
      <div class="meter" role="meter" aria-label={`${words.label}, ${alias}`} aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={used} aria-valuetext={`${text}${cap.percent === null ? "" : `, ${percent(cap.percent)}`}`}>
        <div class={tone} style={{ width: `${used}%` }} />
        {cap.thresholds.filter((each) => each.percent < 100).map((each) => (
          <i key={each.percent} style={{ left: `${each.percent}%` }} />
        ))}
      </div>
      {!name && (
        <p class="quiet">
          {cap.remaining && `${words.left(money(cap.remaining))}. `}
          {cap.forecastReachedAt && used < 100 && words.forecast(day(cap.forecastReachedAt))}
        </p>
      )}
    </div>
  );
}
