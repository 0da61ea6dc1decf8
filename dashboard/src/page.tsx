// The settings and money pages: which part of them an address shows, and who may see it.
import { useSignalEffect } from "@preact/signals";
import { render } from "preact";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useQuery } from "./api";
import { context, framed, theme } from "./bridge";
import { VIEWER } from "./documents/settings";
import { route } from "./router";
import type { Viewer } from "./types";
import { Failure, Link, Loading, Notice } from "./ui/basics";
import { t } from "./words";

export type PageProps = { viewer: Viewer; id: string };
type Page = { name: "overview" | "channels" | "payments" | "caps" | "fees"; load: () => Promise<{ default: ComponentType<PageProps> }> };

const overview = (load: Page["load"]): Page => ({ name: "overview", load });
const payments = (load: Page["load"]): Page => ({ name: "payments", load });
const PAGES: [RegExp, Page][] = [
  [/^\/$/, overview(() => import("./pages/overview"))],
  [/^\/profiles\/(new)$/, overview(() => import("./pages/profile-form"))],
  [/^\/profiles\/([^/]+)\/edit$/, overview(() => import("./pages/profile-form"))],
  [/^\/profiles\/([^/]+)$/, overview(() => import("./pages/profile"))],
  [/^\/channels$/, { name: "channels", load: () => import("./pages/channels") }],
  [/^\/payments$/, payments(() => import("./pages/payments"))],
  [/^\/payments\/([^/]+)$/, payments(() => import("./pages/payment"))],
  [/^\/caps$/, { name: "caps", load: () => import("./pages/caps") }],
  [/^\/fees$/, { name: "fees", load: () => import("./pages/fees") }],
];
const MONEY = new Set(["payments", "fees"]);

function found(path: string): { page: Page; id: string } {
  for (const [pattern, page] of PAGES) {
    const match = pattern.exec(path);
    if (match) return { page, id: decodeURIComponent(match[1] ?? "") };
  }
  return { page: PAGES[0]![1], id: "" };
}

function App() {
  useSignalEffect(() => { document.documentElement.dataset["theme"] = theme.value; });
  if (!framed || !context.saleorApiUrl) {
    return <main class="alone"><h1>{t().outside.title}</h1><p>{t().outside.text}</p></main>;
  }
  return <Inside />;
}

function Inside() {
  const { data, error, reload } = useQuery<{ amazonPayViewer: Viewer }>(VIEWER);
  const viewer = data?.amazonPayViewer;
  const { page, id } = found(route.value);
  if (!viewer) return <main class="alone">{error ? <Failure error={error} retry={reload} /> : <Loading />}</main>;
  return (
    <div class="layout">
      <Sections viewer={viewer} now={page.name} />
      <main><Shown key={route.value} page={page} id={id} viewer={viewer} /></main>
    </div>
  );
}

function Sections({ viewer, now }: { viewer: Viewer; now: string }) {
  const words = t().nav;
  const all: [Page["name"], string][] = [["overview", "/"], ["channels", "/channels"], ["payments", "/payments"], ["caps", "/caps"], ["fees", "/fees"]];
  return (
    <nav aria-label={words.label}>
      <ul>
        {all.filter(([name]) => (MONEY.has(name) ? viewer.maySeePayments : viewer.maySeeSettings)).map(([name, path]) => (
          <li key={name} aria-current={name === now ? "page" : undefined}><Link to={path}>{words[name]}</Link></li>
        ))}
      </ul>
    </nav>
  );
}

function Shown({ page, ...props }: PageProps & { page: Page }) {
  const [Part, setPart] = useState<ComponentType<PageProps> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    page.load().then(
      (part) => { if (wanted) setPart(() => part.default); },
      () => { if (wanted) setFailed(true); },
    );
    return () => { wanted = false; };
  }, [page]);
  const allowed = MONEY.has(page.name) ? props.viewer.maySeePayments : props.viewer.maySeeSettings;
  if (!allowed) {
    const words = t().forbidden;
    return <Notice tone="warn" title={words.title}>{MONEY.has(page.name) ? words.payments : words.settings}</Notice>;
  }
  if (failed) return <Notice tone="bad">{t().errors["OFFLINE"]}</Notice>;
  return Part ? <Part {...props} /> : <Loading />;
}

void found(route.value).page.load().catch(() => undefined); // fetched while the token is waited for
render(<App />, document.getElementById("app")!);
