// Which profiles a channel may use, in the order in which they are tried. What a change would do is asked before it is made.
import { useState } from "preact/hooks";
import { ask, ApiError, useQuery } from "../api";
import { ASSIGN, CHANNELS, UNASSIGN } from "../documents/settings";
import type { PageProps } from "../page";
import { qualificationTone } from "../tones";
import type { Assignment, Brief, Channel, Flaw, Warning } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Loading, Pill, Warnings } from "../ui/basics";
import { Dialog } from "../ui/dialog";
import { Choice, Text } from "../ui/fields";
import { count, named, t } from "../words";

type Answer = { amazonPayChannels: Channel[]; amazonPayProfiles: Brief[] };
type Change = { document: string; variables: Record<string, unknown> };
type Result = { warnings: Warning[]; errors: Flaw[] };

export default function Channels({ viewer }: PageProps) {
  const { data, error, reload } = useQuery<Answer>(CHANNELS);
  const [asking, setAsking] = useState<(Change & { warnings: Warning[] }) | null>(null);
  const [editing, setEditing] = useState<{ channel: Channel; assignment?: Assignment } | null>(null);
  const [trouble, setTrouble] = useState<{ flaws: Flaw[]; error?: ApiError }>({ flaws: [] });
  const words = t().channels;

  const send = async (change: Change, dryRun: boolean): Promise<Warning[] | null> => {
    setTrouble({ flaws: [] });
    try {
      const { result } = await ask<{ result: Result }>(change.document, { ...change.variables, dryRun });
      if (result.errors.length) { setTrouble({ flaws: result.errors }); return null; }
      return result.warnings;
    } catch (failed) {
      setTrouble({ flaws: [], error: failed as ApiError });
      return null;
    }
  };
  const make = async (change: Change): Promise<void> => {
    if (await send(change, false) === null) return;
    setAsking(null);
    setEditing(null);
    await reload();
  };
  const consider = async (change: Change): Promise<void> => {
    const warnings = await send(change, true);
    if (warnings === null) return;
    if (warnings.length) setAsking({ ...change, warnings });
    else await make(change);
  };
  if (!data) return error ? <Failure error={error} retry={reload} /> : <Loading />;
  const shownTrouble = <>{trouble.error && <Failure error={trouble.error} />}<Warnings found={trouble.flaws} tone="bad" /></>;
  return (
    <>
      <Heading title={words.title} text={words.text} />
      {error && <Failure error={error} retry={reload} />}
      {!editing && !asking && shownTrouble}
      {data.amazonPayChannels.length === 0 && <Card><Empty>{words.empty}</Empty></Card>}
      {data.amazonPayChannels.map((channel) => (
        <Card key={channel.id} title={channel.name} label={`${channel.name}, ${channel.slug}`} text={`${channel.slug} · ${channel.currencyCode}`}
          side={<div class="row">
            {!channel.isActive && <Pill>{words.inactive}</Pill>}
            {viewer.mayChangeSettings && <Button onClick={() => { setTrouble({ flaws: [] }); setEditing({ channel }); }} label={`${words.add}: ${channel.slug}`}>{words.add}</Button>}
          </div>}>
          {channel.assignments.length === 0 && <Empty>{words.noProfile}</Empty>}
          <ul class="list">
            {channel.assignments.map((each) => (
              <li key={each.profile.id}>
                <div class="grow">
                  <strong>{each.profile.alias}</strong> <Environment test={each.profile.testMode} />{" "}
                  <Pill tone={qualificationTone(each.qualification)}>{named(words.qualifications, each.qualification)}</Pill>
                  <p class="quiet">{words.priority} {count(each.priority)} · {words.weight} {count(each.weight)}</p>
                </div>
                {viewer.mayChangeSettings && <>
                  <Button kind="plain" label={words.changeOf(each.profile.alias, channel.slug)}
                    onClick={() => { setTrouble({ flaws: [] }); setEditing({ channel, assignment: each }); }}>{words.change}</Button>
                  <Button kind="plain" label={words.removeFrom(each.profile.alias, channel.slug)}
                    onClick={() => consider({ document: UNASSIGN, variables: { channel: channel.slug, profileId: each.profile.id } })}>{words.remove}</Button>
                </>}
              </li>
            ))}
          </ul>
        </Card>
      ))}
      {editing && !asking && <AssignDialog {...editing} profiles={data.amazonPayProfiles} consider={consider} close={() => setEditing(null)}>{shownTrouble}</AssignDialog>}
      {asking && (
        <Dialog title={words.confirmTitle} confirm={words.goOn} danger={asking.warnings.some((each) => each.code === "ENVIRONMENT_FLIP")}
          onConfirm={() => make(asking)} onClose={() => setAsking(null)}>
          <Warnings found={asking.warnings} />{shownTrouble}
        </Dialog>
      )}
    </>
  );
}

function AssignDialog(props: {
  channel: Channel; assignment?: Assignment; profiles: Brief[]; consider: (change: Change) => Promise<void>; close: () => void;
  children: preact.ComponentChildren;
}) {
  const words = t().channels;
  const { channel, assignment } = props;
  const free = props.profiles.filter((each) => each.state !== "CLOSED" && !channel.assignments.some((one) => one.profile.id === each.id));
  const fitting = [...free.filter((each) => each.currency === channel.currencyCode), ...free.filter((each) => each.currency !== channel.currencyCode)];
  const [profileId, setProfileId] = useState(assignment?.profile.id ?? fitting[0]?.id ?? "");
  const [priority, setPriority] = useState(String(assignment?.priority ?? 1));
  const [weight, setWeight] = useState(String(assignment?.weight ?? 1));
  const name = (each: Brief): string => `${each.alias} (${each.currency}, ${each.testMode ? t().test : t().live})`;
  const whole = (text: string): boolean => /^\d{1,6}$/.test(text.trim());
  return (
    <Dialog title={`${assignment ? words.change : words.add}: ${channel.name}`} confirm={assignment ? t().save : words.assign}
      disabled={!profileId || !whole(priority) || !whole(weight)} onClose={props.close}
      onConfirm={() => props.consider({ document: ASSIGN, variables: { channel: channel.slug, profileId, priority: Number(priority), weight: Number(weight) } })}>
      <p class="quiet">{words.text}</p>
      {assignment
        ? <p><strong>{name(assignment.profile)}</strong></p>
        : <Choice label={words.choose} value={profileId} choices={fitting.map((each) => [each.id, name(each)])} onChange={setProfileId} />}
      <div class="two">
        <Text label={words.priority} value={priority} inputMode="numeric" onInput={setPriority} />
        <Text label={words.weight} value={weight} inputMode="numeric" onInput={setWeight} />
      </div>
      {props.children}
    </Dialog>
  );
}
