// What each month should cost and what Amazon kept, month by month and profile by profile.
import { ask, useQuery } from "../api";
import { download } from "../csv";
import { FEES, FEES_CSV } from "../documents/payments";
import type { FeeMonth } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Loading } from "../ui/basics";
import { useTold } from "../ui/told";
import { money, month, t } from "../words";

type Answer = { amazonPayProfiles: { id: string; alias: string; testMode: boolean }[]; amazonPayFees: FeeMonth[] };
const AMOUNTS = ["gross", "refunds", "expectedFee", "expectedReserve", "expectedNet", "actualFee", "difference"] as const;
const MONTHS = 12;

const happened = (row: FeeMonth): boolean =>
  row.sales > 0 || row.actualFee !== null || [row.gross, row.refunds, row.chargebacks].some((each) => Number(each.amount) !== 0);
const amount = (value: FeeMonth["actualFee"]): string => (value ? money(value) : "–");

export default function Fees() {
  const { data, error, reload } = useQuery<Answer>(FEES, { months: MONTHS });
  const words = t().fees;
  const [, save, failure] = useTold(async () => {
    const { amazonPayFeesCsv } = await ask<{ amazonPayFeesCsv: string }>(FEES_CSV, { months: MONTHS });
    download("amazon-pay-fees.csv", amazonPayFeesCsv);
  });
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const labels = { gross: words.gross, refunds: words.refunds, expectedFee: words.fee, expectedReserve: words.reserve, expectedNet: words.net,
    actualFee: words.actual, difference: words.difference };
  const of = (id: string): FeeMonth[] => data.amazonPayFees.filter((row) => row.profileId === id && happened(row));
  const shown = data.amazonPayProfiles.filter((each) => of(each.id).length);
  return (
    <>
      <Heading title={words.title} text={words.text} side={<Button disabled={!shown.length} onClick={save}>{t().payments.csv}</Button>} />
      {failure && <Failure error={failure} />}
      {shown.length === 0 && <Card><Empty>{words.empty}</Empty></Card>}
      {shown.map((profile) => (
        <Card key={profile.id} title={profile.alias} side={<Environment test={profile.testMode} />} class="flush">
          <div class="scroll" tabIndex={0} role="group" aria-label={profile.alias}>
            <table>
              <thead><tr><th scope="col">{t().caps.month}</th>{AMOUNTS.map((name) => <th key={name} scope="col" class="right">{labels[name]}</th>)}</tr></thead>
              <tbody>
                {of(profile.id).map((row) => (
                  <tr key={row.month}><td>{month(row.month)}</td>{AMOUNTS.map((name) => <td key={name} class="right">{amount(row[name])}</td>)}</tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      ))}
    </>
  );
}
