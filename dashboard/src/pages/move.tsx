// From v1 to Checkout v2: first what would change, then the move itself.
import { useState } from "preact/hooks";
import { ask, ApiError } from "../api";
import { notify } from "../bridge";
import { MOVE } from "../documents/settings";
import type { Flaw, FullProfile } from "../types";
import { Button, Failure, Warnings } from "../ui/basics";
import { Dialog } from "../ui/dialog";
import { Text } from "../ui/fields";
import { count, t } from "../words";

type Moved = { to: string | null; agreements: number; reserved: number; underWay: number; publicKey: string | null; errors: Flaw[] };

export function MoveDialog({ profile, onClose, moved }: { profile: FullProfile; onClose: () => void; moved: () => Promise<void> }) {
  const words = t().move;
  const [storeId, setStoreId] = useState(profile.storeId || profile.clientId);
  const [publicKeyId, setPublicKeyId] = useState("");
  const [said, setSaid] = useState<Moved>();
  const [failure, setFailure] = useState<ApiError>();
  const run = async (dryRun: boolean, showPublicKey = false): Promise<void> => {
    setFailure(undefined);
    try {
      const { result } = await ask<{ result: Moved }>(MOVE, { id: profile.id, storeId, publicKeyId, dryRun, showPublicKey });
      setSaid(result);
      if (dryRun || showPublicKey || result.errors.length) return;
      notify("success", t().profile.moved);
      await moved();
    } catch (error) {
      setFailure(error as ApiError);
    }
  };
  const ready = said !== undefined && said.errors.length === 0;
  return (
    <Dialog title={words.title} confirm={words.now} disabled={!ready} onConfirm={() => run(false)} onClose={onClose}>
      <p>{words.text}</p>
      <Text label={words.storeId} help={words.storeHelp} value={storeId} onInput={(value) => { setStoreId(value); setSaid(undefined); }} />
      <Text label={words.publicKeyId} help={words.publicKeyHelp} value={publicKeyId} onInput={setPublicKeyId} />
      <div class="row wrap">
        <Button onClick={() => run(true)}>{words.dryRun}</Button>
        <Button kind="plain" onClick={() => run(true, true)}>{words.showKey}</Button>
      </div>
      <div aria-live="polite">
        {failure && <Failure error={failure} />}
        {said && <Warnings found={said.errors} tone="bad" />}
        {said && (
          <dl class="facts">
            <dt>{words.agreements}</dt><dd>{count(said.agreements)}</dd>
            <dt>{words.reserved}</dt><dd>{count(said.reserved)}</dd>
            <dt>{words.underWay}</dt><dd>{count(said.underWay)}</dd>
          </dl>
        )}
        {said?.publicKey && <textarea readOnly rows={6} aria-label={words.showKey} value={said.publicKey} />}
        {ready && <p class="quiet">{words.nothingYet}</p>}
      </div>
    </Dialog>
  );
}
