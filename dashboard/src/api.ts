// Our GraphQL API, with the Dashboard's token. An expired token is renewed and the request repeated, without the page
// noticing: a refused token means that nothing was done.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { anotherToken, base, context, token } from "./bridge";

export type Problem = { code: string; message: string };
type Answer<T> = { data?: T | null; errors?: { message: string; extensions?: { code?: string } }[] };
export type Variables = Record<string, unknown>;

/** What a request came to when it did not come to an answer. `code` is the API's, or OFFLINE. */
export class ApiError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

const PATIENCE = 60_000; // milliseconds; a check of every permission at Amazon takes several calls

async function send<T>(document: string, variables: Variables, shown: string): Promise<Answer<T>> {
  const response = await fetch(`${base}/graphql/`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "authorization-bearer": shown,
      "saleor-api-url": context.saleorApiUrl,
    },
    body: JSON.stringify({ query: document, variables }),
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer = (await response.json()) as Answer<T> & { error?: Problem };
  if (answer.error) throw new ApiError(answer.error.code, answer.error.message);
  return answer;
}

/** One query or mutation. Throws ApiError. */
export async function ask<T>(document: string, variables: Variables = {}): Promise<T> {
  let shown = await anotherToken("").catch(() => { throw new ApiError("NO_TOKEN", ""); });
  for (let attempt = 0; ; attempt++) {
    let answer: Answer<T>;
    try {
      answer = await send<T>(document, variables, shown);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError("OFFLINE", "");
    }
    const error = answer.errors?.[0];
    if (!error && answer.data) return answer.data;
    const code = error?.extensions?.code ?? "INTERNAL";
    if ((code === "EXPIRED" || code === "UNAUTHENTICATED") && attempt === 0) {
      const renewed = await anotherToken(shown).catch(() => "");
      if (renewed) {
        shown = renewed;
        continue;
      }
    }
    throw new ApiError(code, error?.message ?? "");
  }
}

export type Loaded<T> = {
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => Promise<void>;
};

/** What a query answers, read again when its variables change; the last answer stays while a new one is fetched. */
export function useQuery<T>(document: string, variables: Variables = {}, every = 0): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: ApiError; loading: boolean }>({ loading: true });
  const key = JSON.stringify(variables);
  const newest = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++newest.current;
    setState((was) => ({ ...was, loading: true }));
    try {
      const data = await ask<T>(document, JSON.parse(key) as Variables);
      if (mine === newest.current) setState({ data, loading: false });
    } catch (error) {
      if (mine === newest.current) setState((was) => ({ ...was, error: error as ApiError, loading: false }));
    }
  }, [document, key]);
  useEffect(() => {
    void reload();
    if (!every) return () => { newest.current++; };
    const timer = setInterval(() => { if (!globalThis.document.hidden) void reload(); }, every);
    return () => { clearInterval(timer); newest.current++; };
  }, [reload, every]);
  return { data: state.data, error: state.error, loading: state.loading, reload };
}

/** Whether there is a token to ask with yet. */
export const connected = (): boolean => token.value !== "";
