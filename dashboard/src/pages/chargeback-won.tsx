// Staff have heard from Amazon that a chargeback was won: v1 has no notification of it.
import { useState } from "preact/hooks";
import { ask } from "../api";
import { WON } from "../documents/payments";
import type { Flaw, Operation } from "../types";
import { Button, Failure, Warnings } from "../ui/basics";
import { Dialog } from "../ui/dialog";
import { useTold } from "../ui/told";
import { money, t } from "../words";

export function ChargebackWon({ chargeback, changed }: { chargeback: Operation; changed: () => Promise<void> }) {
  const [asked, setAsked] = useState(false);
  const words = t().chargeback;
  const [said, book, failure] = useTold<{ errors: Flaw[] }>(async () => {
    const { result } = await ask<{ result: { errors: Flaw[] } }>(WON, { id: chargeback.id });
    if (!result.errors.length) {
      setAsked(false);
      await changed();
    }
    return result;
  });
  return (
    <>
      <Button onClick={() => setAsked(true)}>{words.won}</Button>
      {asked && (
        <Dialog title={words.title(money(chargeback.amount))} confirm={words.book} onClose={() => setAsked(false)} onConfirm={book}>
          <p>{words.text}</p>
          {failure && <Failure error={failure} />}
          {said && <Warnings found={said.errors} tone="bad" />}
        </Dialog>
      )}
    </>
  );
}
