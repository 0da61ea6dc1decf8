// What needs somebody now; the same list as Saleor's App Problems.
import { severityTone } from "../tones";
import type { Problem } from "../types";
import { named, t, time } from "../words";
import { Card, Pill } from "./basics";

export function Problems({ found }: { found: Problem[] }) {
  if (found.length === 0) return null;
  return <Card title={t().problems.title}><ProblemList found={found} /></Card>;
}

export const ProblemList = ({ found }: { found: Problem[] }) => (
  <ul class="list">
    {found.map((problem) => (
      <li key={problem.key}>
        <Pill tone={severityTone(problem.severity)}>{named(t().problems.severities, problem.severity)}</Pill>
        <div class="grow">{problem.message} <span class="quiet">{t().problems.since(time(problem.since))}</span></div>
      </li>
    ))}
  </ul>
);
