// One payment: its balance, its agreement, and everything that happened to it.
import { ask, useQuery } from "../api";
import { notify, open } from "../bridge";
import { PAYMENT_PAGE, REFRESH } from "../documents/payments";
import type { PageProps } from "../page";
import { go } from "../router";
import { phaseTone } from "../tones";
import type { Entry, Flaw, Payment } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Loading, Notice, Outside, Pill, Warnings } from "../ui/basics";
import { Balance } from "../ui/balance";
import { useTold } from "../ui/told";
import { ChargebackWon } from "./chargeback-won";
import { moment, money, named, t, time } from "../words";

type Refreshed = { errors: Flaw[] };

export default function PaymentPage({ viewer, id }: PageProps) {
  const { data, error, reload } = useQuery<{ amazonPayPayment: Payment | null }>(PAYMENT_PAGE, { id }, 10_000);
  const [said, refresh, failure] = useTold<Refreshed>(async () => {
    const { result } = await ask<{ result: Refreshed }>(REFRESH, { id });
    await reload();
    if (!result.errors.length) notify("success", t().payment.refreshed);
    return result;
  });
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const words = t().payment;
  const payment = data.amazonPayPayment;
  if (!payment) return <Empty>{words.notFound}</Empty>;
  const order = payment.orderId;
  const won = new Set(payment.operations.filter((each) => each.kind === "CHARGEBACK_WON").map((each) => each.parentId));
  return (
    <>
      <Heading title={`${words.title} ${time(payment.createdAt)}`} text={payment.profile.alias}
        side={<>
          <Button onClick={() => go("/payments")}>{t().back}</Button>
          {order && <Button onClick={() => open(`/orders/${encodeURIComponent(order)}`)}>{words.order}</Button>}
          {viewer.mayActOnPayments && <Button kind="primary" onClick={refresh}>{words.refresh}</Button>}
        </>}>
        <Environment test={payment.profile.testMode} />
        {payment.needsAttention && <Pill tone="bad">{words.attention}</Pill>}
      </Heading>
      {error && <Failure error={error} retry={reload} />}
      {failure && <Failure error={failure} />}
      {said && <Warnings found={said.errors} tone="bad" />}
      {payment.busy && <Notice tone="info">{words.busy}</Notice>}
      <Card>
        <Balance payment={payment} />
        {payment.sellerCentralUrl && <p><Outside href={payment.sellerCentralUrl}>{words.sellerCentral}</Outside></p>}
        <p class="quiet mono">{payment.transactionId}</p>
      </Card>
      <Card title={words.operations} class="flush">
        <div class="scroll" tabIndex={0} role="group" aria-label={words.operations}>
          <table>
            <thead><tr><th scope="col">{t().payments.when}</th><th scope="col">{t().payments.kind}</th><th scope="col" class="right">{t().payments.amount}</th>
              <th scope="col">{t().payments.phase}</th><th scope="col">{t().payments.id}</th></tr></thead>
            <tbody>
              {payment.operations.map((each) => (
                <tr key={each.id}>
                  <td>{time(each.createdAt)}</td>
                  <td>{named(t().payments.kinds, each.kind)} {each.attempt > 1 && <span class="quiet">{words.attempt(each.attempt)}</span>}</td>
                  <td class="right">{money(each.moved ?? each.amount)}</td>
                  <td><Pill tone={each.needsAttention ? "bad" : phaseTone(each.phase)}>{named(t().payments.phases, each.phase)}</Pill>
                    {each.phase !== "DONE" && each.message && <p class="quiet">{each.message}</p>}
                    {each.kind === "CHARGEBACK" && viewer.mayActOnPayments && !won.has(each.id) && <ChargebackWon chargeback={each} changed={reload} />}</td>
                  <td class="mono">{each.amazonId}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
      <Card title={words.timeline}>
        <ol class="timeline">{payment.timeline.map((entry, place) => <Event key={place} entry={entry} />)}</ol>
      </Card>
    </>
  );
}

const Event = ({ entry }: { entry: Entry }) => (
  <li class={entry.actor.toLowerCase()}>
    <p><strong>{entry.title}</strong> {entry.amount && <span>{money(entry.amount)}</span>}</p>
    <p class="quiet">
      <time dateTime={entry.at}>{moment(entry.at)}</time> · {named(t().payment.actors, entry.actor)} · {named(t().payment.entries, entry.kind)}
    </p>
    {entry.detail && <p>{entry.detail}</p>}
  </li>
);
