// The first page: what is still to be set up, what needs somebody, and the profiles as cards.
import { useQuery } from "../api";
import { OVERVIEW } from "../documents/settings";
import type { PageProps } from "../page";
import { go } from "../router";
import type { CardProfile, Problem, SetupItem } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Link, Loading, Notice, Pill } from "../ui/basics";
import { Meter } from "../ui/meter";
import { Problems } from "../ui/problems";
import { SetupList } from "../ui/setup";
import { named, t, time } from "../words";
import { ipnTone, stateTone } from "../tones";

type Answer = { amazonPaySetup: SetupItem[]; amazonPayProblems: Problem[]; amazonPayProfiles: CardProfile[] };

export default function Overview({ viewer }: PageProps) {
  const { data, error, reload } = useQuery<Answer>(OVERVIEW, {}, 15_000);
  const words = t().profiles;
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const open = data.amazonPaySetup.filter((item) => item.state !== "DONE");
  return (
    <>
      <Heading title={words.title} side={viewer.mayChangeSettings && <Button kind="primary" onClick={() => go("/profiles/new")}>{words.add}</Button>} />
      {error && <Failure error={error} retry={reload} />}
      {!viewer.mayChangeSettings && <Notice tone="info">{words.readOnly}</Notice>}
      {open.length > 0 && (
        <Card title={t().setup.title} side={<Pill>{t().setup.text(data.amazonPaySetup.length - open.length, data.amazonPaySetup.length)}</Pill>}>
          <SetupList items={data.amazonPaySetup} />
        </Card>
      )}
      <Problems found={data.amazonPayProblems} />
      {data.amazonPayProfiles.length === 0 && <Card><Empty>{words.empty}</Empty></Card>}
      <div class="cards">
        {data.amazonPayProfiles.map((profile) => (
          <ProfileCard key={profile.id} profile={profile} problems={data.amazonPayProblems} />
        ))}
      </div>
    </>
  );
}

function ProfileCard({ profile, problems }: { profile: CardProfile; problems: Problem[] }) {
  const words = t().profiles;
  const own = problems.filter((problem) => problem.key.includes(profile.id)).length;
  const path = `/profiles/${encodeURIComponent(profile.id)}`;
  return (
    <section class="card profile" aria-label={profile.alias}>
      <header>
        <h2><Link to={path}>{profile.alias}</Link></h2>
        <div class="row">
          <Environment test={profile.testMode} />
          <Pill tone={stateTone(profile.state)}>{named(words.states, profile.state)}</Pill>
        </div>
      </header>
      <div class="body">
        <p class="quiet">
          {named(words.wires, profile.wire)} · {named(words.regions, profile.region)} · {profile.currency} · {profile.sellerId}
        </p>
        <Meter cap={profile.cap} alias={profile.alias} />
        <dl class="facts">
          <dt>{words.channels}</dt>
          <dd>
            {profile.assignments.map((each) => (
              <Pill key={each.channel} tone={each.qualification === "QUALIFIES" ? "plain" : "warn"}>{each.channel}</Pill>
            ))}
            {profile.assignments.length === 0 && <span class="quiet">{words.noChannel}</span>}
          </dd>
          <dt>{words.ipn}</dt>
          <dd>
            <Pill tone={ipnTone(profile.ipn.state)}>{named(t().ipn.states, profile.ipn.state)}</Pill>{" "}
            {profile.ipn.lastReceivedAt && <span class="quiet">{time(profile.ipn.lastReceivedAt)}</span>}
          </dd>
        </dl>
        {own > 0 && <p><Pill tone="bad">{t().problems.title}</Pill></p>}
        {profile.warnings.map((each) => <p key={each.code} class="quiet">{each.message}</p>)}
        <p class="right"><Button onClick={() => go(path)} label={words.open(profile.alias)}>{t().payment.open}</Button></p>
      </div>
    </section>
  );
}
