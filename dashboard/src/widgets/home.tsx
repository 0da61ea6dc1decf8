// On the home page: how full the caps are, and what needs somebody.
import { useQuery } from "../api";
import { open, ownPage } from "../bridge";
import { HOME_WIDGET } from "../documents/payments";
import type { Cap, Operation, Problem } from "../types";
import { Button, Environment, Failure, Loading, Pill } from "../ui/basics";
import { Meter } from "../ui/meter";
import { ProblemList } from "../ui/problems";
import { money, named, t } from "../words";

type Answer = {
  amazonPayProblems: Problem[];
  amazonPayProfiles: { id: string; alias: string; testMode: boolean; state: string; currency: string; cap: Cap }[];
  attention: { edges: { node: Pick<Operation, "id" | "kind" | "phase" | "amount" | "transactionId" | "message"> }[]; pageInfo: { hasNextPage: boolean } };
};

export function HomeWidget() {
  const { data, error, reload } = useQuery<Answer>(HOME_WIDGET, {}, 30_000);
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const words = t().widget;
  // The fullest first: the frame is low, and who sees it does not scroll.
  const full = (cap: Cap): number => (cap.unlimited ? -1 : Number(cap.percent ?? 100));
  const shown = data.amazonPayProfiles.filter((each) => each.state !== "CLOSED").sort((one, other) => full(other.cap) - full(one.cap));
  const waiting = data.attention.edges.map((edge) => edge.node);
  return (
    <>
      {error && <Failure error={error} retry={reload} />}
      {data.amazonPayProblems.length + waiting.length === 0 ? <p class="quiet">{words.well}</p> : <h2>{words.attention}</h2>}
      <ProblemList found={data.amazonPayProblems} />
      <ul class="list">
        {waiting.map((each) => (
          <li key={each.id}>
            <div class="grow">{named(t().payments.kinds, each.kind)} {money(each.amount)}<p class="quiet">{each.message}</p></div>
            <Pill tone="bad">{named(t().payments.phases, each.phase)}</Pill>
            <Button kind="plain" label={t().payment.openOf(each.transactionId)} onClick={() => open(ownPage(`/payments/${encodeURIComponent(each.transactionId)}`))}>{t().payment.open}</Button>
          </li>
        ))}
      </ul>
      {data.attention.pageInfo.hasNextPage && <Button kind="plain" onClick={() => open(ownPage("/payments"))}>{words.all}</Button>}
      {shown.map((each) => (
        <Meter key={each.id} cap={each.cap} alias={each.alias} name={<>{each.alias} <Environment test={each.testMode} /></>} />
      ))}
      <Button onClick={() => open(ownPage("/"))}>{words.settings}</Button>
    </>
  );
}
