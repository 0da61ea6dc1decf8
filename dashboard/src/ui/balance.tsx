// What of a payment was taken and given back, and what can still be.
import { agreementTone } from "../tones";
import type { Payment } from "../types";
import { money, named, t } from "../words";
import { Pill } from "./basics";

export function Balance({ payment }: { payment: Pick<Payment, "authorized" | "captured" | "refunded" | "refundable" | "agreement"> }) {
  const words = t().payment;
  const { agreement } = payment;
  return (
    <dl class="facts amounts">
      {(["authorized", "captured", "refunded", "refundable"] as const).map((name) => (
        <div key={name}><dt>{words[name]}</dt><dd>{money(payment[name])}</dd></div>
      ))}
      {agreement && (
        <div>
          <dt>{words.agreement}</dt>
          <dd>
            <Pill tone={agreementTone(agreement.state)}>{named(words.agreementStates, agreement.state)}</Pill>{" "}
            <span class="quiet">{agreement.recurring ? words.recurring : words.oneTime}</span>
            <p class="quiet mono">{agreement.amazonId}</p>
          </dd>
        </div>
      )}
    </dl>
  );
}
