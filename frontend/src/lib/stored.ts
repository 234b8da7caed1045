import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const parsed = new Map<string, { text: string | null; value: unknown }>();

function read<T>(key: string, fallback: T): T {
  let text: string | null = null;
  try {
    text = localStorage.getItem(key);
  } catch {
    // storage is off: nothing is remembered
  }
  const old = parsed.get(key);
  if (old && old.text === text) return old.value as T;
  let value: unknown = fallback;
  try {
    if (text !== null) value = JSON.parse(text);
  } catch {
    // somebody else wrote it: the default
  }
  parsed.set(key, { text, value });
  return value as T;
}

/** useStored is a state that is remembered on this computer under "limiquantix.NAME". */
export function useStored<T>(name: string, fallback: T): [T, (next: T | ((old: T) => T)) => void] {
  const key = `limiquantix.${name}`;
  const value = useSyncExternalStore(
    (f) => {
      listeners.add(f);
      window.addEventListener("storage", f);
      return () => {
        listeners.delete(f);
        window.removeEventListener("storage", f);
      };
    },
    () => read(key, fallback),
  );
  const set = useCallback(
    (next: T | ((old: T) => T)) => {
      const now = typeof next === "function" ? (next as (old: T) => T)(read(key, fallback)) : next;
      const text = JSON.stringify(now);
      parsed.set(key, { text, value: now });
      try {
        localStorage.setItem(key, text);
      } catch {
        parsed.set(key, { text: null, value: now });
      }
      for (const f of listeners) f();
    },
    // The fallback is a constant of the caller.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key],
  );
  return [value, set];
}
