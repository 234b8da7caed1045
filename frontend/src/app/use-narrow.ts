import { useSyncExternalStore } from "react";

/** Below it the inventory would leave less than the half to the page: a small window, or 200 % of a usual one. */
const NARROW = "(max-width: 760px)";

/** useNarrow tells whether the window is too narrow for the inventory beside the page. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(NARROW).matches);
}

function subscribe(f: () => void) {
  const query = window.matchMedia(NARROW);
  query.addEventListener("change", f);
  return () => query.removeEventListener("change", f);
}
