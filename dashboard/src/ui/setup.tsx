// Steps before the first sale, with what is to be copied for each.
import { setupTone } from "../tones";
import type { SetupItem } from "../types";
import { t } from "../words";
import { Copy, Outside, Pill } from "./basics";

export function SetupList({ items }: { items: SetupItem[] }) {
  const words = t().setup;
  const states = { DONE: words.done, TODO: words.todo, BY_HAND: words.byHand };
  return (
    <ol class="list">
      {items.map((item) => (
        <li key={item.code}>
          <Pill tone={setupTone(item.state)}>{states[item.state]}</Pill>
          <div class="grow">
            <strong>{item.title}</strong>
            <p class="quiet">{item.message}</p>
            {item.state !== "DONE" && item.values.map((value) => <Copy key={value} text={value} label={item.title} />)}
            {item.state !== "DONE" && item.url && <Outside href={item.url}>{words.there}</Outside>}
          </div>
        </li>
      ))}
    </ol>
  );
}
