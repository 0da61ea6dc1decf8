// Where in the page somebody is: the part of the address after `/dashboard`, kept in the Dashboard's own address too.
import { signal } from "@preact/signals";
import { base, rememberRoute } from "./bridge";

const root = `${base}/dashboard`;
const here = (): string => location.pathname.slice(root.length).replace(/\/+$/, "") || "/";

export const route = signal(here());
addEventListener("popstate", () => { route.value = here(); });

// A form with unsaved changes is asked before somebody leaves it.
let guard: ((leave: () => void) => boolean) | null = null;

/** `ask` returns true if leaving has to wait, and calls `leave` later if it may go on. Null takes the guard away. */
export const setGuard = (ask: typeof guard): void => { guard = ask; };

// Whoever cannot see that the page has changed is told: its heading takes the focus, once it is there.
let arrived = false;
export function takeArrival(): boolean {
  const now = arrived;
  arrived = false;
  return now;
}

export function go(path: string): void {
  const leave = (): void => {
    guard = null;
    history.pushState(null, "", root + (path === "/" ? "" : path) + location.search);
    rememberRoute(path);
    route.value = here();
    scrollTo(0, 0);
    arrived = true;
  };
  if (!guard?.(leave)) leave();
}

export const address = (path: string): string => root + (path === "/" ? "" : path);
