// Months as columns, each under its cap; this month's forecast as a dashed column up to where the cap is reached.
import type { CapMonth } from "../pages/caps";
import type { Cap } from "../types";
import { day, money, shortMonth, t } from "../words";

const WIDTH = 860;
const HEIGHT = 200;
const FOOT = 24;
const ROOM = 16; // above the highest column

export function Chart({ history, cap, label }: { history: CapMonth[]; cap: Cap; label: string }) {
  const months = [...history].reverse();
  if (months.length === 0) return null;
  // Numbers for pixels only; amounts are shown as they are.
  const capOf = (each: CapMonth): number => Number(each.cap?.amount ?? 0);
  const top = Math.max(...months.flatMap((each) => [capOf(each), Number(each.booked.amount)])) || 1;
  const y = (value: number): number => ROOM + (HEIGHT - FOOT - ROOM) * (1 - value / top);
  const step = WIDTH / Math.max(months.length, 6);
  const floor = y(0);
  const summary = months.map((each) => `${shortMonth(each.month)} ${money(each.booked)}`).join(", ");
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${summary}`}>
        <line class="axis" x1={0} x2={WIDTH} y1={floor} y2={floor} />
        {months.map((each, place) => {
          const booked = Number(each.booked.amount);
          const line = capOf(each);
          const left = place * step + step * 0.2;
          return (
            <g key={each.month}>
              {each.month === cap.month && cap.forecastReachedAt && line > booked && (
                <rect class="forecast" x={left} width={step * 0.6} y={y(line)} height={floor - y(line)} rx={2} />
              )}
              <rect class={line && booked >= line ? "column full" : "column"} x={left} width={step * 0.6} y={y(booked)}
                height={Math.max(floor - y(booked), booked > 0 ? 1 : 0)} rx={2}><title>{`${shortMonth(each.month)}: ${money(each.booked)}`}</title></rect>
              {line > 0 && <line class="limit" x1={place * step} x2={(place + 1) * step} y1={y(line)} y2={y(line)} />}
              <text x={left + step * 0.3} y={floor + 16} text-anchor="middle">{shortMonth(each.month)}</text>
            </g>
          );
        })}
        {cap.cap && <text x={WIDTH - 4} y={y(Number(cap.cap.amount)) - 5} text-anchor="end">{money(cap.cap)}</text>}
      </svg>
      {cap.forecastReachedAt && <figcaption class="quiet">{t().cap.forecast(day(cap.forecastReachedAt))}</figcaption>}
    </figure>
  );
}
