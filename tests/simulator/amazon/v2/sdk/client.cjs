// Amazon's own client, driven line by line: a JSON command in, what came of it out.
"use strict";
const crypto = require("crypto");
const readline = require("readline");
const sdk = require("@amazonpay/amazon-pay-api-sdk-nodejs");

const clients = {};

function client(config) {
  const key = JSON.stringify(config);
  return (clients[key] ??= new sdk.WebStoreClient(config));
}

const own = {
  verify({ publicKey, text, signature, saltLength }) {
    const padding = crypto.constants.RSA_PKCS1_PSS_PADDING;
    const check = crypto.createVerify("RSA-SHA256").update(text);
    return check.verify({ key: publicKey, padding, saltLength }, signature, "base64");
  },
};

async function run({ config, call, args }) {
  if (own[call]) return { data: own[call](...args) };
  try {
    const answer = await client(config)[call](...args);
    if (typeof answer !== "object" || answer.status === undefined) return { data: answer };
    return { status: answer.status, data: answer.data };
  } catch (error) {
    if (!error.response) return { error: String(error) };
    return { status: error.response.status, data: error.response.data };
  }
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + "\n");
});
