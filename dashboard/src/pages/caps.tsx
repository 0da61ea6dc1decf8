// Month by month what each profile attempted, beside its cap, and when this month's is reached.
import { useQuery } from "../api";
import { download, table } from "../csv";
import { CAPS } from "../documents/payments";
import type { Cap } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Loading, Pill } from "../ui/basics";
import { Chart } from "../ui/chart";
import { Meter } from "../ui/meter";
import type { Money } from "../words";
import { money, month, named, percent, t, time } from "../words";
import { stateTone } from "../tones";

export type CapMonth = {
  month: string; booked: Money; givenBack: Money; cap: Money | null; percent: string | null;
  alerts: { percent: number; raisedAt: string; clearedAt: string | null }[];
};
type Profile = { id: string; alias: string; testMode: boolean; state: string; currency: string; cap: Cap; capHistory: CapMonth[] };
const MONTHS = 12;

export default function Caps() {
  const { data, error, reload } = useQuery<{ amazonPayProfiles: Profile[] }>(CAPS, { months: MONTHS }, 15_000);
  const words = t().caps;
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const profiles = data.amazonPayProfiles;
  const save = (): void => download("amazon-pay-caps.csv", table([
    ["profile", "month", "attempted", "given_back", "cap", "currency", "percent"],
    ...profiles.flatMap((each) => each.capHistory.map((row) =>
      [each.alias, row.month, row.booked.amount, row.givenBack.amount, row.cap?.amount ?? null, row.booked.currency, row.percent])),
  ]));
  return (
    <>
      <Heading title={words.title} text={words.text} side={<Button disabled={!profiles.length} onClick={save}>{t().payments.csv}</Button>} />
      {error && <Failure error={error} retry={reload} />}
      {profiles.length === 0 && <Card><Empty>{words.empty}</Empty></Card>}
      {profiles.map((profile) => (
        <Card key={profile.id} title={profile.alias} side={<div class="row">
          <Environment test={profile.testMode} /><Pill tone={stateTone(profile.state)}>{named(t().profiles.states, profile.state)}</Pill>
        </div>}>
          <Meter cap={profile.cap} alias={profile.alias} />
          <Chart history={profile.capHistory} cap={profile.cap} label={words.chart(profile.alias)} />
          <details class="scroll">
            <summary>{words.showTable}</summary>
            <table>
              <thead><tr><th scope="col">{words.month}</th><th scope="col" class="right">{words.booked}</th><th scope="col" class="right">{words.givenBack}</th><th scope="col" class="right">{words.cap}</th><th scope="col" class="right">{words.used}</th><th scope="col">{words.alerts}</th></tr></thead>
              <tbody>
                {profile.capHistory.map((row) => (
                  <tr key={row.month}>
                    <td>{month(row.month)}</td><td class="right">{money(row.booked)}</td><td class="right">{money(row.givenBack)}</td>
                    <td class="right">{row.cap ? money(row.cap) : "–"}</td><td class="right">{row.percent === null ? "–" : percent(row.percent)}</td>
                    <td>{row.alerts.map((each) => <p key={each.percent} class="quiet">{words.alert(percent(String(each.percent)), time(each.raisedAt))}</p>)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </Card>
      ))}
    </>
  );
}
