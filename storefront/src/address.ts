// The address the buyer chose in Amazon's widget: the browser is not told it, so the app reads it for the buyer's token.

import { AmazonPayError } from "./failures.js";
import type { Address } from "./types.js";

/** Ask the app for the chosen address. Raises AmazonPayError. */
export async function readAddress(
  fetch: typeof globalThis.fetch,
  appUrl: string,
  about: { saleorApiUrl: string; purchaseId: string; agreement: string; token: string },
): Promise<Address> {
  let answer: { address?: Address; error?: { code: string; message: string } };
  try {
    const response = await fetch(`${appUrl}/storefront/address`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(about),
    });
    answer = (await response.json()) as typeof answer;
  } catch (thrown) {
    throw new AmazonPayError("network", thrown instanceof Error ? thrown.message : "");
  }
  if (!answer.address) throw new AmazonPayError(answer.error?.code ?? "shop_error", answer.error?.message);
  return answer.address;
}
