// One profile: cap, notifications, steps, connection, channels, and what can be done with it.
import { ask, useQuery } from "../api";
import { CHECK, PROFILE, SELF_TEST } from "../documents/settings";
import type { PageProps } from "../page";
import { go } from "../router";
import { ipnTone, qualificationTone, stateTone } from "../tones";
import type { Check, Flaw, FullProfile, Problem, Warning } from "../types";
import { Button, Card, Checks, Copy, Empty, Environment, Failure, Heading, Loading, Notice, Pill, Warnings } from "../ui/basics";
import { Meter } from "../ui/meter";
import { Problems } from "../ui/problems";
import { SetupList } from "../ui/setup";
import { count, day, named, t, time } from "../words";
import { useTold } from "../ui/told";
import { ProfileActions } from "./profile-actions";
import { Simulations } from "./simulations";

type Answer = { amazonPayProfile: FullProfile | null; amazonPayProblems: Problem[] };
type Tried = { checks: Check[]; warnings: Warning[]; errors: Flaw[] };

export default function ProfilePage({ viewer, id }: PageProps) {
  const { data, error, reload } = useQuery<Answer>(PROFILE, { id }, 15_000);
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const profile = data.amazonPayProfile;
  const words = t().profile;
  if (!profile) return <Empty>{words.notFound}</Empty>;
  const may = viewer.mayChangeSettings;
  const states = t().profiles;
  return (
    <>
      <Heading title={profile.alias}
        text={[named(states.wires, profile.wire), named(states.regions, profile.region), profile.currency, profile.sellerId].join(" · ")}
        side={<>
          <Button onClick={() => go("/")}>{t().back}</Button>
          {may && <Button kind="primary" onClick={() => go(`/profiles/${encodeURIComponent(id)}/edit`)}>{t().edit}</Button>}
        </>}>
        <Environment test={profile.testMode} />{" "}
        <Pill tone={stateTone(profile.state)}>{named(states.states, profile.state)}</Pill>
      </Heading>
      {error && <Failure error={error} retry={reload} />}
      {profile.stateReason && <Notice tone="info">{profile.stateReason}</Notice>}
      <Warnings found={profile.warnings} />
      <Problems found={data.amazonPayProblems.filter((problem) => problem.key.includes(id))} />
      <Card title={t().cap.label} text={t().cap.counts}>
        <Meter cap={profile.cap} alias={profile.alias} />
        <p class="quiet">{t().cap.ends(day(profile.cap.endsAt))} {!profile.cap.forecastReachedAt && !profile.cap.unlimited && t().cap.fits}</p>
      </Card>
      <Notifications profile={profile} may={may} />
      <Connection id={id} may={may} />
      <Card title={words.setup}><SetupList items={profile.setup} /></Card>
      <Card title={states.channels} side={<Button onClick={() => go("/channels")}>{t().channels.title}</Button>}>
        {profile.assignments.length === 0 && <Empty>{states.noChannel}</Empty>}
        <ul class="list">
          {profile.assignments.map((each) => (
            <li key={each.channel}>
              <div class="grow">{each.channel}</div>
              <Pill tone={qualificationTone(each.qualification)}>{named(t().channels.qualifications, each.qualification)}</Pill>
            </li>
          ))}
        </ul>
      </Card>
      {may && profile.simulations.length > 0 && <Simulations profile={profile} changed={reload} />}
      {may && <ProfileActions profile={profile} changed={reload} />}
    </>
  );
}

function Notifications({ profile, may }: { profile: FullProfile; may: boolean }) {
  const words = t().ipn;
  const { ipn } = profile;
  const [tried, test, failure] = useTold<Tried>(() => ask<{ result: Tried }>(SELF_TEST, { id: profile.id }).then((said) => said.result));
  return (
    <Card title={words.title} text={words.text} side={<Pill tone={ipnTone(ipn.state)}>{named(words.states, ipn.state)}</Pill>}>
      {ipn.url ? <><Copy text={ipn.url} label={words.url} /><p class="quiet">{words.enterAt}</p></> : <Notice tone="warn">{words.noUrl}</Notice>}
      <p>
        {words.last(ipn.lastReceivedAt ? time(ipn.lastReceivedAt) : t().never)} · {words.day(count(ipn.receivedLastDay))}
        {ipn.waiting > 0 && ` · ${words.waiting(count(ipn.waiting))}`}
      </p>
      {ipn.refusals.length > 0 && <h3>{words.refusals}</h3>}
      <ul class="list">
        {ipn.refusals.map((each) => (
          <li key={each.code}><div class="grow">{each.message} <span class="quiet">{words.times(count(each.count))}, {time(each.lastAt)}</span></div></li>
        ))}
      </ul>
      {may && ipn.url && <div class="row"><Button onClick={test}>{words.selfTest}</Button><span class="quiet">{words.selfTestText}</span></div>}
      {failure && <Failure error={failure} />}
      {tried && <div aria-live="polite"><Checks found={tried.checks} /><Warnings found={tried.warnings} /><Warnings found={tried.errors} tone="bad" /></div>}
    </Card>
  );
}

function Connection({ id, may }: { id: string; may: boolean }) {
  const words = t().profile;
  const [tried, check, failure] = useTold<Tried>(() => ask<{ result: Tried }>(CHECK, { id }).then((said) => said.result));
  if (!may) return null;
  return (
    <Card title={words.checks} text={words.checkText} side={<Button onClick={check}>{words.check}</Button>}>
      {failure && <Failure error={failure} />}
      {tried && <div aria-live="polite"><Checks found={tried.checks} /><Warnings found={tried.warnings} /><Warnings found={tried.errors} tone="bad" /></div>}
    </Card>
  );
}
