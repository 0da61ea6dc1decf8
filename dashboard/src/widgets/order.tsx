// Beside an order: what was paid, what can still be done, what is wrong, and the way to the whole story.
import { ask, useQuery } from "../api";
import { context, open, ownPage, refreshEntity } from "../bridge";
import { ORDER_WIDGET, REFRESH } from "../documents/payments";
import { phaseTone } from "../tones";
import type { Flaw, Operation, Payment } from "../types";
import { Balance } from "../ui/balance";
import { Button, Empty, Environment, Failure, Loading, Notice, Pill, Warnings } from "../ui/basics";
import { useTold } from "../ui/told";
import { money, named, t } from "../words";

type Brief = Omit<Payment, "timeline" | "operations" | "orderId"> & { operations: Pick<Operation, "id" | "kind" | "phase" | "amount" | "message" | "needsAttention" | "createdAt">[] };

export function OrderWidget() {
  const { data, error, reload } = useQuery<{ amazonPayOrderPayments: Brief[] }>(ORDER_WIDGET, { id: context.orderId }, 10_000);
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  if (data.amazonPayOrderPayments.length === 0) return <Empty>{t().widget.none}</Empty>;
  return (
    <>
      {error && <Failure error={error} retry={reload} />}
      {data.amazonPayOrderPayments.map((payment) => <OnePayment key={payment.transactionId} payment={payment} reload={reload} />)}
    </>
  );
}

function OnePayment({ payment, reload }: { payment: Brief; reload: () => Promise<void> }) {
  const words = t().payment;
  const [said, refresh, failure] = useTold(async () => {
    const { result } = await ask<{ result: { errors: Flaw[] } }>(REFRESH, { id: payment.transactionId });
    await reload();
    if (!result.errors.length) refreshEntity();
    return result;
  });
  return (
    <section aria-label={words.openOf(payment.transactionId)}>
      <p class="row wrap">
        <strong>{payment.profile.alias}</strong> <Environment test={payment.profile.testMode} />
        {payment.needsAttention && <Pill tone="bad">{words.attention}</Pill>}
      </p>
      {payment.busy && <Notice tone="info">{words.busy}</Notice>}
      <Balance payment={payment} />
      <ul class="list">
        {payment.operations.map((each) => (
          <li key={each.id}>
            <div class="grow">{named(t().payments.kinds, each.kind)} {money(each.amount)}{each.phase !== "DONE" && each.message && <p class="quiet">{each.message}</p>}</div>
            <Pill tone={each.needsAttention ? "bad" : phaseTone(each.phase)}>{named(t().payments.phases, each.phase)}</Pill>
          </li>
        ))}
      </ul>
      {failure && <Failure error={failure} />}
      {said && <Warnings found={said.errors} tone="bad" />}
      <div class="row wrap">
        <Button onClick={refresh}>{words.refresh}</Button>
        <Button kind="plain" onClick={() => open(ownPage(`/payments/${encodeURIComponent(payment.transactionId)}`))}>{t().widget.details}</Button>
      </div>
    </section>
  );
}
