// Compose two subgraphs: node compose.mjs saleor.graphql app.graphql. Prints {"errors": […], "fields": ["Type.field", …]}.
import { readFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";

const [saleor, app] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const result = composeServices([
  { name: "saleor", typeDefs: parse(saleor), url: "http://saleor.example/graphql/" },
  { name: "amazonpay", typeDefs: parse(app), url: "http://app.example/graphql/" },
]);
const fields = [];
if (result.supergraphSdl) {
  for (const node of parse(result.supergraphSdl).definitions) {
    if (node.kind === "ObjectTypeDefinition") {
      for (const field of node.fields) fields.push(`${node.name.value}.${field.name.value}`);
    }
  }
}
console.log(JSON.stringify({ errors: (result.errors ?? []).map((error) => error.message), fields }));
