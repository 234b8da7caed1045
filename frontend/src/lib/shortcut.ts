import { useEffect, useSyncExternalStore } from "react";

/** Shortcut is a key, or two after one another ("g v"), that does something. */
export interface Shortcut {
  /** "Ctrl+K", "g v", "?", "/". */
  keys: string;
  label: string;
  /** Heading under which `?` lists it. */
  group: "Go to" | "Everywhere" | "This page";
  run: () => void;
  /** It also works while one types into a field. */
  always?: boolean;
}

let active: Shortcut[] = [];
const listeners = new Set<() => void>();

function change(next: Shortcut[]) {
  active = next;
  for (const f of listeners) f();
}

/** useShortcuts makes keys work while a component is shown. The list must be stable (useMemo). */
export function useShortcuts(list: Shortcut[]): void {
  useEffect(() => {
    change([...active, ...list]);
    return () => change(active.filter((s) => !list.includes(s)));
  }, [list]);
}

/** useActiveShortcuts is what `?` shows. */
export function useActiveShortcuts(): Shortcut[] {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => void listeners.delete(f);
    },
    () => active,
  );
}

/** How long the second key of "g v" is waited for. */
const SECOND_MS = 1200;

/**
 * listen handles the keys of the page until the returned function is called.
 * What has keys of its own (a console, a terminal) is marked data-keys="own"
 * and gets all of them; a dialog that is open keeps single keys to itself.
 */
export function listen(target: Window): () => void {
  let first = "";
  let at = 0;
  const press = (e: KeyboardEvent) => {
    if (e.defaultPrevented || e.isComposing) return;
    const element = e.target instanceof Element ? e.target : null;
    if (element?.closest("[data-keys=own]")) return;
    const key = nameOf(e);
    if (!key) return;
    // An editor types in a shadow root: outside of it the event's target is its host.
    const typing = isField(e.composedPath()[0]) || element?.ownerDocument.querySelector("[role=dialog][data-state=open], [role=alertdialog][data-state=open], [role=menu][data-state=open]") != null;
    const pair = first && Date.now() - at < SECOND_MS ? `${first} ${key}` : "";
    first = "";
    const last = active.toReversed(); // what was shown last goes first
    const hit = last.find((s) => s.keys === pair) ?? last.find((s) => s.keys === key);
    if (hit && (hit.always || !typing)) {
      e.preventDefault();
      hit.run();
    } else if (!typing && last.some((s) => s.keys.startsWith(`${key} `))) {
      first = key;
      at = Date.now();
    }
  };
  target.addEventListener("keydown", press);
  return () => target.removeEventListener("keydown", press);
}

function isField(e: EventTarget | undefined): boolean {
  return e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement || (e instanceof HTMLElement && e.isContentEditable);
}

/** nameOf is "Ctrl+K" or "v"; "" for a modifier alone. */
export function nameOf(e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  if (["Control", "Shift", "Alt", "Meta", "AltGraph"].includes(e.key)) return "";
  const modified = e.ctrlKey || e.metaKey;
  const key = e.key.length === 1 && modified ? e.key.toUpperCase() : e.key;
  return `${modified ? "Ctrl+" : ""}${e.altKey ? "Alt+" : ""}${key}`;
}
