// Builds the page and the widgets, says what they weigh, and puts them where the app serves them from.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 60_000; // bytes after gzip of everything a page can ever load; a heavier page fails the build
const SERVED = "../saleor_amazonpay/_built/dashboard";

// Preact stands in for React, which the bridge's package imports beside the bridge.
const preact = { react: "preact/compat", "react-dom": "preact/compat", "react/jsx-runtime": "preact/jsx-runtime" };

// Saleor's own values for colours, spaces and type, as its component library computes them. Only those in use are kept.
async function tokens(style) {
  const asked = 'import { getCSSVariables as of } from "@saleor/macaw-ui"; export default [of("defaultLight"), of("defaultDark")];';
  const made = await build({
    stdin: { contents: asked, resolveDir: "." },
    bundle: true, write: false, format: "esm", platform: "node", logLevel: "error", alias: preact, loader: { ".css": "empty" },
  });
  const source = Buffer.from(made.outputFiles[0].contents).toString("base64");
  const [light, dark] = (await import(`data:text/javascript;base64,${source}`)).default;
  const used = new Set(style.match(/--mu-[a-z0-9-]+/g));
  const missing = [...used].filter((name) => !(name in light));
  if (missing.length) throw new Error(`macaw-ui has no ${missing.join(", ")}`);
  const rules = (values, except = {}) =>
    [...used].filter((name) => values[name] !== except[name]).map((name) => `${name}:${values[name]};`).join("");
  const credit = "/*! Design tokens: Saleor Macaw UI, CC BY 4.0, selected and otherwise unchanged. */";
  return `${credit}:root{${rules(light)}}:root[data-theme=dark]{${rules(dark, light)}}`;
}

const styles = {
  name: "tokens",
  setup: (building) =>
    building.onLoad({ filter: /styles\.css$/ }, async ({ path }) => {
      const style = readFileSync(path, "utf8");
      return { contents: (await tokens(style)) + style, loader: "css" };
    }),
};
// GraphQL does not mind how its documents are laid out.
const documents = {
  name: "documents",
  setup: (building) =>
    building.onLoad({ filter: /documents(\/\w+)?\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/`[^`]*`/g, (text) => text.replace(/\s+/g, " ")),
      loader: "ts",
    })),
};

rmSync(SERVED, { recursive: true, force: true });
mkdirSync(SERVED, { recursive: true });
const made = await build({
  entryPoints: { page: "src/page.tsx", widget: "src/widget.tsx", styles: "src/styles.css" },
  outdir: SERVED,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true, splitting: true, minify: true, metafile: true,
  format: "esm", target: ["es2022"], legalComments: "none", charset: "utf8", sourcemap: true,
  jsx: "automatic", jsxImportSource: "preact",
  alias: preact,
  define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
  plugins: [styles, documents],
});

const outputs = Object.fromEntries(Object.entries(made.metafile.outputs).map(([path, meta]) => [basename(path), meta]));
const of = (entry) => Object.keys(outputs).find((name) => outputs[name].entryPoint === entry);
const style = of("src/styles.css");

// What an entry loads at once (its static imports), and what it can load later.
function reached(name, kinds, found = new Set()) {
  for (const { path, kind } of outputs[name].imports) {
    const next = basename(path);
    if (kinds.includes(kind) && outputs[next] && !found.has(next)) reached(next, kinds, found.add(next));
  }
  return found;
}

// Whose work travels along, with the words they ask to be shown.
const packages = new Set(["@saleor/macaw-ui"]);
for (const path of Object.keys(made.metafile.inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
  if (found) packages.add(found[1]);
}
const licenses = [...packages].sort().map((name) => {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, "utf8").trim() : ""}\n`;
});
writeFileSync(`${SERVED}/LICENSES.txt`, licenses.join(`\n${"-".repeat(80)}\n\n`));

const shell = readFileSync("src/shell.html", "utf8");
for (const entry of ["page", "widget"]) {
  const script = of(`src/${entry}.tsx`);
  const atOnce = [...reached(script, ["import-statement"])];
  const links = atOnce.map((name) => `<link rel="modulepreload" href="{base}/dashboard/assets/${name}">`).join("");
  const html = shell.replace("<!--links-->", links).replaceAll("{style}", style).replaceAll("{script}", script);
  writeFileSync(`${SERVED}/${entry}.html`, html);
  const weigh = (names) => names.reduce((sum, name) => sum + gzipSync(readFileSync(`${SERVED}/${name}`), { level: 9 }).length, 0);
  const first = [`${entry}.html`, style, script, ...atOnce];
  const all = [...new Set([...first, ...reached(script, ["import-statement", "dynamic-import"])])];
  console.log(`${entry}: ${weigh(first)} bytes gzip in ${first.length} requests at once, ${weigh(all)} with all it can load (limit ${LIMIT})`);
  if (weigh(all) > LIMIT) process.exitCode = 1;
}
