/** Notice is a short message that comes and goes: a toast. */
export interface Notice {
  id: number;
  kind: "done" | "info" | "warning" | "error";
  title: string;
  text?: string;
  /** Task that it is about: "Show log". */
  task?: string;
  /** What Undo would do, a sentence; absent: nothing. Needs task. */
  undo?: string;
}

let notices: Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(list: Notice[]) {
  notices = list;
  for (const f of listeners) f();
}

/** notify shows a toast, at most four at a time. Errors stay until they are dismissed. */
export function notify(n: Omit<Notice, "id">): void {
  set([...notices.slice(-3), { ...n, id: next++ }]);
}

/** dismiss takes a toast away. */
export function dismiss(id: number): void {
  set(notices.filter((n) => n.id !== id));
}

/** noticeStore is for useSyncExternalStore. */
export const noticeStore = {
  subscribe: (f: () => void) => {
    listeners.add(f);
    return () => void listeners.delete(f);
  },
  list: (): Notice[] => notices,
};
