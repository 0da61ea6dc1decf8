// Builds the script-tag file and the ES module, says what they weigh, and puts them where the app serves them from.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 15_000; // bytes after gzip; a heavier module fails the build
const SERVED = "../saleor_amazonpay/_built/storefront";

// GraphQL does not mind how its documents are laid out.
const documents = {
  name: "documents",
  setup: (building) =>
    building.onLoad({ filter: /operations\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/`[^`]*`/g, (text) => text.replace(/\s+/g, " ")),
      loader: "ts",
    })),
};

const shared = {
  bundle: true,
  minify: true,
  target: ["es2022"],
  legalComments: "none",
  charset: "utf8",
  sourcemap: true,
  plugins: [documents],
};
mkdirSync(SERVED, { recursive: true });

// The module: what bundlers and `import` take. Other languages are chunks of their own.
await build({
  ...shared,
  entryPoints: [{ in: "src/index.ts", out: "amazonpay" }],
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  format: "esm",
  splitting: true,
  chunkNames: "amazonpay-[name]",
  define: { SCRIPT_TAG: "false" },
});

// The file for a script tag, which finds the same languages beside it.
await build({
  ...shared,
  entryPoints: ["src/index.ts"],
  outfile: "dist/amazonpay.js",
  format: "iife",
  globalName: "SaleorAmazonPay",
  define: { SCRIPT_TAG: "true" },
  external: ["./messages/de.js"],
});

for (const name of ["amazonpay.js", "amazonpay.mjs", "amazonpay-de.mjs"]) {
  const file = readFileSync(`dist/${name}`);
  const weight = gzipSync(file, { level: 9 }).length;
  console.log(`${name}: ${file.length} bytes, ${weight} gzip (limit ${LIMIT})`);
  if (weight > LIMIT) process.exitCode = 1;
  for (const made of [name, `${name}.map`]) copyFileSync(`dist/${made}`, `${SERVED}/${made}`);
}
