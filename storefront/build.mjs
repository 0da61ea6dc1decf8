// Builds the script-tag file and the ES module, says what they weigh, and puts them where the app serves them from.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 15_000; // bytes after gzip; a heavier module fails the build
const SERVED = "../saleor_amazonpay/_built/storefront";

const shared = {
  entryPoints: ["src/index.ts"],
  bundle: true,
  minify: true,
  target: ["es2022"],
  legalComments: "none",
  charset: "utf8",
  sourcemap: true,
};
const outputs = [
  { name: "amazonpay.js", format: "iife", globalName: "SaleorAmazonPay" },
  { name: "amazonpay.mjs", format: "esm" },
];

mkdirSync(SERVED, { recursive: true });
for (const { name, ...format } of outputs) {
  const outfile = `dist/${name}`;
  await build({ ...shared, ...format, outfile });
  const file = readFileSync(outfile);
  const weight = gzipSync(file, { level: 9 }).length;
  console.log(`${name}: ${file.length} bytes, ${weight} gzip (limit ${LIMIT})`);
  if (weight > LIMIT) process.exitCode = 1;
  for (const made of [name, `${name}.map`]) copyFileSync(`dist/${made}`, `${SERVED}/${made}`);
}
