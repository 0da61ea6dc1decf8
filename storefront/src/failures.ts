// What can go wrong, as one error with a code; `words.ts` has the buyer's sentence for it.

/** Everything this module raises. `detail` is for the shop's developers and may be in English. */
export class AmazonPayError extends Error {
  constructor(
    readonly code: string,
    readonly detail = "",
  ) {
    super(detail ? `${code}: ${detail}` : code);
    this.name = "AmazonPayError";
  }
}

/** Any thrown value as an AmazonPayError. */
export function asError(thrown: unknown): AmazonPayError {
  if (thrown instanceof AmazonPayError) return thrown;
  return new AmazonPayError("shop_error", thrown instanceof Error ? thrown.message : String(thrown));
}
