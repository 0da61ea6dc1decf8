// Every operation, searched and filtered; more of them on request, all of them as a file.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, ApiError, useQuery } from "../api";
import { download, table } from "../csv";
import { OPERATIONS, PROFILE_NAMES } from "../documents/payments";
import { phaseTone } from "../tones";
import type { Operation } from "../types";
import { Button, Card, Empty, Environment, Failure, Heading, Link, Loading, Pill } from "../ui/basics";
import { Choice, Switch, Text } from "../ui/fields";
import { count, money, named, t, time } from "../words";

type Page = { amazonPayOperations: { edges: { node: Operation }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } };
type Names = { amazonPayProfiles: { id: string; alias: string; testMode: boolean }[] };
type Filter = { search: string; profile: string; kind: string; phase: string; from: string; until: string; attention: boolean };
const NONE: Filter = { search: "", profile: "", kind: "", phase: "", from: "", until: "", attention: false };

/** `AmazonPayOperationFilter`; days are the viewer's own. */
function filterOf(chosen: Filter): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  if (chosen.search.trim()) filter["search"] = chosen.search.trim();
  if (chosen.profile) filter["profileIds"] = [chosen.profile];
  if (chosen.kind) filter["kinds"] = [chosen.kind];
  if (chosen.phase) filter["phases"] = [chosen.phase];
  if (chosen.from) filter["createdFrom"] = new Date(`${chosen.from}T00:00:00`).toISOString();
  if (chosen.until) filter["createdUntil"] = new Date(`${chosen.until}T23:59:59.999`).toISOString();
  if (chosen.attention) filter["needsAttention"] = true;
  return filter;
}

export default function Payments() {
  const words = t().payments;
  const names = useQuery<Names>(PROFILE_NAMES);
  const [chosen, setChosen] = useState(NONE);
  const [rows, setRows] = useState<Operation[]>();
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<ApiError>();
  const [exported, setExported] = useState<number | null>(null);
  const newest = useRef(0);
  const filter = filterOf(chosen);
  const key = JSON.stringify(filter);

  const read = (after: string | null, first: number): Promise<Page> => ask<Page>(OPERATIONS, { filter, first, after });
  const show = async (after: string | null): Promise<void> => {
    const mine = ++newest.current;
    try {
      const { amazonPayOperations: page } = await read(after, 25);
      if (mine !== newest.current) return;
      const found = page.edges.map((edge) => edge.node);
      setRows((was) => (after && was ? [...was, ...found] : found));
      setNext(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
      setFailure(undefined);
    } catch (error) {
      if (mine === newest.current) setFailure(error as ApiError);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void show(null), rows ? 300 : 0);
    return () => clearTimeout(timer);
  }, [key]);

  const save = async (): Promise<void> => {
    const lines: (string | number | null)[][] = [HEAD];
    setExported(0);
    try {
      for (let after: string | null = null, more = true; more;) {
        const { amazonPayOperations: page }: Page = await read(after, 100);
        lines.push(...page.edges.map((edge) => line(edge.node)));
        setExported(lines.length - 1);
        after = page.pageInfo.endCursor;
        more = page.pageInfo.hasNextPage;
      }
      download("amazon-pay-operations.csv", table(lines));
    } catch (error) {
      setFailure(error as ApiError);
    } finally {
      setExported(null);
    }
  };
  const set = (part: Partial<Filter>): void => setChosen((was) => ({ ...was, ...part }));
  const all: [string, string] = ["", words.all];
  return (
    <>
      <Heading title={words.title} text={words.text} side={
        <Button onClick={save} disabled={!rows?.length}>{exported === null ? words.csv : words.exporting(count(exported))}</Button>} />
      <Card>
        <div class="filters" role="search">
          <Text label={words.search} help={words.searchHelp} type="search" value={chosen.search} onInput={(search) => set({ search })} />
          <Choice label={words.profile} value={chosen.profile} onChange={(profile) => set({ profile })}
            choices={[all, ...(names.data?.amazonPayProfiles ?? []).map((each): [string, string] => [each.id, each.alias])]} />
          <Choice label={words.kind} value={chosen.kind} choices={[all, ...Object.entries(words.kinds)]} onChange={(kind) => set({ kind })} />
          <Choice label={words.phase} value={chosen.phase} choices={[all, ...Object.entries(words.phases)]} onChange={(phase) => set({ phase })} />
          <Text label={words.from} type="date" value={chosen.from} onInput={(from) => set({ from })} />
          <Text label={words.until} type="date" value={chosen.until} onInput={(until) => set({ until })} />
          <Switch label={words.attention} value={chosen.attention} onChange={(attention) => set({ attention })} />
        </div>
      </Card>
      {failure && <Failure error={failure} retry={() => show(null)} />}
      {!rows && !failure && <Loading />}
      {rows?.length === 0 && <Card><Empty>{key === "{}" ? words.none : words.empty}</Empty></Card>}
      {rows && rows.length > 0 && (
        <Card class="flush">
          <div class="scroll" tabIndex={0} role="group" aria-label={words.title}>
            <table>
              <thead><tr><th scope="col">{words.when}</th><th scope="col">{words.kind}</th><th scope="col" class="right">{words.amount}</th>
                <th scope="col">{words.phase}</th><th scope="col">{words.profile}</th><th scope="col">{words.id}</th></tr></thead>
              <tbody>{rows.map((row) => <Row key={row.id} row={row} />)}</tbody>
            </table>
          </div>
        </Card>
      )}
      {next && <p class="center"><Button onClick={() => show(next)}>{t().more}</Button></p>}
    </>
  );
}

function Row({ row }: { row: Operation }) {
  const words = t().payments;
  return (
    <tr>
      <td><Link to={`/payments/${encodeURIComponent(row.transactionId)}`}>{time(row.createdAt)}</Link></td>
      <td>{named(words.kinds, row.kind)}</td>
      <td class="right">{money(row.moved ?? row.amount)}</td>
      <td><Pill tone={row.needsAttention ? "bad" : phaseTone(row.phase)}>{named(words.phases, row.phase)}</Pill>
        {row.phase !== "DONE" && row.message && <p class="quiet">{row.message}</p>}</td>
      <td>{row.profile.alias} {row.profile.testMode && <Environment test />}</td>
      <td class="mono">{row.amazonId}</td>
    </tr>
  );
}

const HEAD = [
  "created", "kind", "phase", "amount", "moved", "currency", "profile", "environment", "transaction", "source",
  "operation", "psp_reference", "amazon_id", "amazon_state", "amazon_reason", "code", "message", "attempt", "updated",
];
const line = (row: Operation): (string | number | null)[] => [
  row.createdAt, row.kind, row.phase, row.amount.amount, row.moved?.amount ?? null, row.amount.currency, row.profile.alias,
  row.profile.testMode ? "sandbox" : "live", row.transactionId, row.sourceId, row.id, row.pspReference, row.amazonId,
  row.amazonState, row.amazonReason, row.code, row.message, row.attempt, row.updatedAt,
];
