import { useCallback, useSyncExternalStore } from "react";

import { local } from "./storage";

const listeners = new Set<() => void>();
const parsed = new Map<string, { text: string | null; value: unknown }>();

function read<T>(key: string, fallback: T, fits: (v: unknown) => boolean): T {
  const text = local.getItem(key);
  const old = parsed.get(key);
  if (old && old.text === text) return old.value as T;
  const value = readStored(text, fallback, fits);
  parsed.set(key, { text, value });
  return value;
}

/** readStored is the value that a text holds; the fallback when it holds none that fits: others may have written it. */
export function readStored<T>(text: string | null, fallback: T, fits: (v: unknown) => boolean = like(fallback)): T {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return fits(value) ? (value as T) : fallback;
  } catch {
    return fallback;
  }
}

/** like tells what is of the same kind as a value; lists are of strings. */
function like(one: unknown): (v: unknown) => boolean {
  if (Array.isArray(one)) return (v) => Array.isArray(v) && v.every((s) => typeof s === "string");
  return (v) => v !== null && typeof v === typeof one;
}

/**
 * useStored is a state that is remembered on this computer under
 * "limiquantix.NAME". The fallback is a constant, and so is fits, which tells
 * what may be remembered: without, what is of the fallback's kind.
 */
export function useStored<T>(name: string, fallback: T, fits: (v: unknown) => boolean = like(fallback)): [T, (next: T | ((old: T) => T)) => void] {
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
    () => read(key, fallback, fits),
  );
  const set = useCallback(
    (next: T | ((old: T) => T)) => {
      const now = typeof next === "function" ? (next as (old: T) => T)(read(key, fallback, fits)) : next;
      local.setItem(key, JSON.stringify(now));
      for (const f of listeners) f();
    },
    // The rest are constants of the caller.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [key],
  );
  return [value, set];
}
