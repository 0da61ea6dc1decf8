// What Amazon's sandbox is to play with the next call of a kind, for whoever tries a shop. Test profiles only.
import { ask } from "../api";
import { SIMULATE } from "../documents/settings";
import type { Flaw, FullProfile, Simulated } from "../types";
import { Card, Failure, Warnings } from "../ui/basics";
import { Choice } from "../ui/fields";
import { useTold } from "../ui/told";
import { named, t } from "../words";

type Props = { profile: FullProfile; changed: () => Promise<void> };

export function Simulations({ profile, changed }: Props) {
  const words = t().simulations;
  return (
    <Card title={words.title} text={words.text}>
      <div class="two">
        {[...new Set(profile.simulations.map((each) => each.call))].map((call) => (
          <Next key={call} call={call} profile={profile} changed={changed} />
        ))}
      </div>
    </Card>
  );
}

function Next({ call, profile, changed }: Props & { call: Simulated["call"] }) {
  const words = t().simulations;
  const chosen = profile.nextSimulations.find((each) => each.call === call)?.code ?? "";
  let wanted = chosen;
  const [said, play, failure] = useTold<{ errors: Flaw[] }>(async () => {
    const { result } = await ask<{ result: { errors: Flaw[] } }>(SIMULATE, { id: profile.id, call, code: wanted || null });
    await changed();
    return result;
  });
  const results = profile.simulations.filter((each) => each.call === call).map((each): [string, string] => [each.code, each.title]);
  return (
    <div>
      <Choice label={named(words.calls, call)} value={chosen} choices={[["", words.none], ...results]}
        onChange={(value) => { wanted = value; void play(); }} />
      {failure && <Failure error={failure} />}
      {said && <Warnings found={said.errors} tone="bad" />}
    </div>
  );
}
