// What a browser keeps for this page. It may be forbidden (all cookies blocked:
// even to name localStorage throws then) or full; what is kept then lasts as
// long as the page.

/** Kept is a Storage that never throws. */
export type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem"> & {
  /** Names of all that is kept, in no order. */
  keys: () => string[];
};

/** keeping wraps the storage that find returns. */
export function keeping(find: () => Storage): Kept {
  const own = new Map<string, string>(); // what could not be written
  const attempt = <T>(act: (s: Storage) => T, otherwise: T): T => {
    try {
      return act(find());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => own.get(key) ?? attempt((s) => s.getItem(key), null),
    setItem: (key, text) => {
      const written = attempt((s) => (s.setItem(key, text), true), false);
      if (written) own.delete(key);
      else own.set(key, text);
    },
    removeItem: (key) => {
      own.delete(key);
      attempt((s) => s.removeItem(key), undefined);
    },
    keys: () => [...new Set([...own.keys(), ...attempt((s) => Object.keys(s), [])])],
  };
}

/** local is remembered on this computer. */
export const local = keeping(() => window.localStorage);
/** session is remembered by this tab, over reloads. */
export const session = keeping(() => window.sessionStorage);
