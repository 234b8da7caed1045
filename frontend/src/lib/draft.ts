import { useCallback, useSyncExternalStore } from "react";

import { session } from "./storage";

// What is half typed survives a change of tab or page and a reload, in this
// browser tab only: it may be private, so it is not kept on the disk.

const PREFIX = "limiquantix.draft.";
const listeners = new Set<() => void>();
const parsed = new Map<string, { text: string; value: unknown }>();

function read<T>(key: string): T | undefined {
  const text = session.getItem(PREFIX + key);
  if (text === null) return undefined;
  const old = parsed.get(key);
  if (old?.text === text) return old.value as T;
  try {
    const value = JSON.parse(text) as T;
    parsed.set(key, { text, value });
    return value;
  } catch {
    return undefined;
  }
}

/** setDraft keeps a draft (anything that JSON can hold), or with undefined forgets it. */
export function setDraft(key: string, value: unknown): void {
  if (value === undefined) {
    session.removeItem(PREFIX + key);
    parsed.delete(key);
  } else session.setItem(PREFIX + key, JSON.stringify(value));
  for (const f of listeners) f();
}

/** useDraft is what was half typed under a key; undefined: nothing. */
export function useDraft<T>(key: string): [T | undefined, (value: T | undefined) => void] {
  const value = useSyncExternalStore(subscribe, () => read<T>(key));
  return [value, useCallback((v: T | undefined) => setDraft(key, v), [key])];
}

function subscribe(f: () => void) {
  listeners.add(f);
  return () => void listeners.delete(f);
}
