// What each month should cost, month by month and profile by profile.
import { useQuery } from "../api";
import { download } from "../csv";
import { FEES } from "../documents/payments";
import type { FeeMonth } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Loading } from "../ui/basics";
import { money, month, t } from "../words";

type Answer = { amazonPayProfiles: { id: string; alias: string; testMode: boolean }[]; amazonPayFees: FeeMonth[] };
const AMOUNTS = ["gross", "refunds", "expectedFee", "expectedReserve", "expectedNet"] as const;

export default function Fees() {
  const { data, error, reload } = useQuery<Answer>(FEES, { months: 12 });
  const words = t().fees;
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const labels = { gross: words.gross, refunds: words.refunds, expectedFee: words.fee, expectedReserve: words.reserve, expectedNet: words.net };
  const of = (id: string): FeeMonth[] => data.amazonPayFees.filter((row) => row.profileId === id);
  const save = (): void => download("amazon-pay-fees.csv", [
    ["profile", "month", "currency", ...AMOUNTS],
    ...data.amazonPayProfiles.flatMap((each) => of(each.id).map((row) => [each.alias, row.month, row.currency, ...AMOUNTS.map((name) => row[name].amount)])),
  ]);
  const shown = data.amazonPayProfiles.filter((each) => of(each.id).length);
  return (
    <>
      <Heading title={words.title} text={words.text} side={<Button disabled={!shown.length} onClick={save}>{t().payments.csv}</Button>} />
      {shown.length === 0 && <Card><Empty>{words.empty}</Empty></Card>}
      {shown.map((profile) => (
        <Card key={profile.id} title={profile.alias} side={<Environment test={profile.testMode} />} class="flush">
          <div class="scroll" tabIndex={0} role="region" aria-label={profile.alias}>
            <table>
              <thead><tr><th scope="col">{t().caps.month}</th>{AMOUNTS.map((name) => <th key={name} scope="col" class="right">{labels[name]}</th>)}</tr></thead>
              <tbody>
                {of(profile.id).map((row) => (
                  <tr key={row.month}><td>{month(row.month)}</td>{AMOUNTS.map((name) => <td key={name} class="right">{money(row[name])}</td>)}</tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      ))}
    </>
  );
}
