// Loading Amazon's script, once per page.

import { AmazonPayError } from "./failures.js";

const loading = new Map<string, Promise<void>>();

/** Load a script. Raises AmazonPayError `script_blocked`; the next call tries again. */
export function load(url: string): Promise<void> {
  const known = loading.get(url);
  if (known) return known;
  const promise = new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.async = true;
    script.onload = () => resolve();
    script.onerror = () => {
      loading.delete(url);
      script.remove();
      reject(new AmazonPayError("script_blocked", url));
    };
    document.head.append(script);
  });
  loading.set(url, promise);
  return promise;
}
