// A request that somebody makes with a button, and what came of it.
import { useState } from "preact/hooks";
import { ApiError } from "../api";

export function useTold<T>(request: () => Promise<T>): [T | undefined, () => Promise<void>, ApiError | undefined] {
  const [said, setSaid] = useState<T>();
  const [failure, setFailure] = useState<ApiError>();
  const run = async (): Promise<void> => {
    setFailure(undefined);
    try {
      setSaid(await request());
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError("OFFLINE", ""));
    }
  };
  return [said, run, failure];
}
