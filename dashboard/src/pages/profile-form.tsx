// Create and edit a profile. The API judges what is typed as it is typed; here is no rule of our own about a field.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ask, ApiError, useQuery } from "../api";
import { notify } from "../bridge";
import { CREATE, OPTIONS, PROFILE, UPDATE, VALIDATE } from "../documents/settings";
import type { PageProps } from "../page";
import { go, setGuard } from "../router";
import type { Check, Flaw, FullProfile, Options, Warning } from "../types";
import { Button, Card, Checks, Empty, Failure, Heading, Loading, Notice, Warnings } from "../ui/basics";
import { Dialog } from "../ui/dialog";
import { t } from "../words";
import { badThresholds, blank, draftOf, inputOf } from "./profile-draft";
import type { Draft } from "./profile-draft";
import { FormSections } from "./profile-sections";

type Result = { profile?: { id: string } | null; checks: Check[]; warnings: Warning[]; errors: Flaw[] };
const NOTHING: Result = { checks: [], warnings: [], errors: [] };
const PAUSE = 400; // milliseconds without a key until what was typed is judged

export default function ProfileForm({ id, viewer }: PageProps) {
  const fresh = id === "new";
  const options = useQuery<{ amazonPayOptions: Options }>(OPTIONS);
  const known = useQuery<{ amazonPayProfile: FullProfile | null }>(fresh ? OPTIONS : PROFILE, fresh ? {} : { id });
  const error = options.error ?? known.error;
  if (!viewer.mayChangeSettings) return <Notice tone="warn">{t().profiles.readOnly}</Notice>;
  if (!options.data || !known.data) return error ? <Failure error={error} retry={options.reload} /> : <Loading />;
  const profile = fresh ? null : known.data.amazonPayProfile;
  if (!fresh && !profile) return <Empty>{t().profile.notFound}</Empty>;
  return <Form profile={profile} options={options.data.amazonPayOptions} />;
}

function Form({ profile, options }: { profile: FullProfile | null; options: Options }) {
  const before = useMemo(() => (profile ? draftOf(profile) : null), []);
  const version = useRef(profile?.version ?? 0);
  const [draft, setDraft] = useState<Draft>(before ?? blank(options));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false); // after the first attempt every flaw is shown
  const [found, setFound] = useState<Result>(NOTHING);
  const [failure, setFailure] = useState<ApiError>();
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const start = useRef(JSON.stringify(draft));
  const dirty = JSON.stringify(draft) !== start.current;
  const newest = useRef(0);
  const words = t().form;

  const input = inputOf(draft, before);
  const key = JSON.stringify(input);
  useEffect(() => {
    if (!dirty || badThresholds(draft)) return undefined;
    const mine = ++newest.current;
    const timer = setTimeout(() => {
      ask<{ result: Result }>(VALIDATE, { input, id: profile?.id ?? null }).then(
        ({ result }) => { if (mine === newest.current) { setFound((was) => ({ ...result, checks: was.checks })); setFailure(undefined); } },
        (error: ApiError) => { if (mine === newest.current) setFailure(error); },
      );
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [key]);
  useEffect(() => {
    setGuard(dirty ? (leave) => { setLeaving(() => leave); return true; } : null);
    return () => setGuard(null);
  }, [dirty]);

  const change = (part: Partial<Draft>): void => setDraft((was) => ({ ...was, ...part }));
  const touch = (name: string): void => setTouched((was) => (was.has(name) ? was : new Set(was).add(name)));
  const flawOf = (name: string): Flaw | undefined => {
    if (name === "capThresholds" && badThresholds(draft)) {
      return { field: name, code: "INVALID", message: words.help["capThresholds"] ?? "", remedy: "" };
    }
    return all || touched.has(name) ? found.errors.find((flaw) => flaw.field === name) : undefined;
  };
  const elsewhere = found.errors.filter((flaw) => flaw.field === null || !(flaw.field in draft));

  const send = async (document: string, variables: Record<string, unknown>): Promise<Result | null> => {
    newest.current++;
    setAll(true);
    setFailure(undefined);
    if (badThresholds(draft)) return null;
    try {
      const { result } = await ask<{ result: Result }>(document, { input, ...variables });
      setFound(result);
      if (result.errors.length) requestAnimationFrame(() => globalThis.document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return result;
    } catch (error) {
      setFailure(error as ApiError);
      return null;
    }
  };
  const check = (): Promise<unknown> => send(VALIDATE, { id: profile?.id ?? null, connect: true });
  const save = async (): Promise<void> => {
    const result = profile
      ? await send(UPDATE, { id: profile.id, version: version.current })
      : await send(CREATE, {});
    if (!result || result.errors.length || !result.profile) return;
    setGuard(null);
    notify("success", words.saved, result.warnings.map((each) => each.message).join(" "));
    go(`/profiles/${encodeURIComponent(result.profile.id)}`);
  };
  const shown = found.errors.filter((flaw) => all || (flaw.field !== null && touched.has(flaw.field)));
  return (
    <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); }}>
      <Heading title={profile ? words.editTitle(profile.alias) : words.createTitle} text={words.tryAmazon} />
      <FormSections draft={draft} profile={profile} options={options} change={change} touch={touch} flawOf={flawOf} />
      <div aria-live="polite">
        {found.checks.length > 0 && <Card title={t().profile.checks}><Checks found={found.checks} /></Card>}
        <Warnings found={all ? found.warnings : found.warnings.filter((each) => each.field && touched.has(each.field))} />
        {all && <Warnings found={elsewhere} tone="bad" />}
        {failure && <Failure error={failure} />}
      </div>
      <footer class="savebar">
        {shown.length > 0 && <span class="bad-text" role="status">{words.fix(shown.length)}</span>}
        <Button onClick={() => go(profile ? `/profiles/${encodeURIComponent(profile.id)}` : "/")}>{t().back}</Button>
        <Button onClick={check} disabled={!dirty}>{t().profile.check}</Button>
        <Button kind="primary" disabled={!dirty} onClick={save}>{t().save}</Button>
      </footer>
      {leaving && (
        <Dialog title={words.leaveTitle} confirm={words.leave} cancel={words.stay} danger onConfirm={leaving} onClose={() => setLeaving(null)}>
          <p>{words.leaveText}</p>
        </Dialog>
      )}
    </form>
  );
}
