// Pause, resume, close, delete, duplicate, move: each says first what comes of it.
import { useState } from "preact/hooks";
import { ask, ApiError } from "../api";
import { notify } from "../bridge";
import { CLOSE, DELETE, DUPLICATE, PAUSE, RESUME } from "../documents/settings";
import { go } from "../router";
import type { Flaw, FullProfile } from "../types";
import { Button, Card, Failure, Warnings } from "../ui/basics";
import { Dialog } from "../ui/dialog";
import { Text } from "../ui/fields";
import { count, t } from "../words";
import { MoveDialog } from "./move";

type Props = { profile: FullProfile; changed: () => Promise<void> };
type Kind = "pause" | "close" | "remove" | "duplicate" | "move";
type Result = { profile?: { id: string } | null; deletedId?: string | null; errors: Flaw[] };

export function ProfileActions({ profile, changed }: Props) {
  const [asked, setAsked] = useState<Kind | null>(null);
  const [problem, setProblem] = useState<{ flaws: Flaw[]; error?: ApiError }>({ flaws: [] });
  const [text, setText] = useState("");
  const words = t().profile;
  const { id, version, alias, state } = profile;

  const run = async (document: string, variables: object, after: (result: Result) => void | Promise<void>): Promise<void> => {
    setProblem({ flaws: [] });
    try {
      const { result } = await ask<{ result: Result }>(document, { id, ...variables });
      if (result.errors.length) return setProblem({ flaws: result.errors });
      setAsked(null);
      await after(result);
    } catch (error) {
      setProblem({ flaws: [], error: error as ApiError });
    }
  };
  const begin = (kind: Kind, given = ""): void => {
    setProblem({ flaws: [] });
    setText(given);
    setAsked(kind);
  };
  const trouble = <>{problem.error && <Failure error={problem.error} />}<Warnings found={problem.flaws} tone="bad" /></>;
  const reason = <Text label={words.reason} help={words.reasonHelp} value={text} onInput={setText} />;
  const dialogs = {
    pause: () => (
      <Dialog title={words.pauseTitle(alias)} confirm={words.pause} onClose={() => setAsked(null)}
        onConfirm={() => run(PAUSE, { version, reason: text }, changed)}>
        <p>{words.pauseText}</p>{reason}{trouble}
      </Dialog>
    ),
    close: () => (
      <Dialog title={words.closeTitle(alias)} confirm={words.closeIt} danger onClose={() => setAsked(null)}
        onConfirm={() => run(CLOSE, { version, reason: text }, changed)}>
        <p>{words.closeText}</p>
        <p><strong>{words.closeCount(count(profile.openOperations), count(profile.openAgreements))}</strong></p>
        {reason}{trouble}
      </Dialog>
    ),
    remove: () => (
      <Dialog title={words.removeTitle(alias)} confirm={words.remove} danger onClose={() => setAsked(null)}
        onConfirm={() => run(DELETE, { version }, () => go("/"))}>
        <p>{words.removeText}</p>{trouble}
      </Dialog>
    ),
    duplicate: () => (
      <Dialog title={words.duplicateTitle(alias)} confirm={words.duplicate} disabled={!text.trim()} onClose={() => setAsked(null)}
        onConfirm={() => run(DUPLICATE, { alias: text }, (result) => {
          notify("success", words.created);
          go(`/profiles/${encodeURIComponent(result.profile?.id ?? "")}`);
        })}>
        <p>{words.duplicateText}</p>
        <Text label={words.newName} required value={text} onInput={setText} />{trouble}
      </Dialog>
    ),
    move: () => <MoveDialog profile={profile} onClose={() => setAsked(null)} moved={async () => { setAsked(null); await changed(); }} />,
  };
  return (
    <Card title={words.actions}>
      {!asked && trouble}
      {state === "PAUSED" && <p>{words.resumeText}</p>}
      {state === "CLOSED" && <p>{words.closedText}</p>}
      <div class="row wrap">
        {state === "ACTIVE" && <Button onClick={() => begin("pause")}>{words.pause}</Button>}
        {state === "PAUSED" && <Button kind="primary" onClick={() => run(RESUME, { version }, changed)}>{words.resume}</Button>}
        {profile.wire === "MWS" && state !== "CLOSED" && <Button onClick={() => begin("move")}>{words.move}</Button>}
        <Button onClick={() => begin("duplicate", words.copyOf(alias))}>{words.duplicate}</Button>
        {state !== "CLOSED" && <Button kind="danger" onClick={() => begin("close")}>{words.closeIt}</Button>}
        {profile.deletable && <Button kind="danger" onClick={() => begin("remove")}>{words.remove}</Button>}
      </div>
      {!profile.deletable && <p class="quiet">{words.removeNever}</p>}
      {asked && dialogs[asked]()}
    </Card>
  );
}
