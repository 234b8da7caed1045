/** After so long an answer has nothing to do with the key. */
const LATE_MS = 2000;
const KEPT = 9;

/**
 * Echo measures what a hand feels: the time from a key to the next thing that
 * the guest shows. RFB and serial lines have no ping of their own.
 */
export class Echo {
  private sent: number | undefined;
  private times: number[] = [];
  private listeners = new Set<() => void>();
  private shown: number | undefined;

  /** input is called when a key was sent, at a time in milliseconds. */
  input(now: number) {
    if (this.sent === undefined || now - this.sent > LATE_MS) this.sent = now;
  }

  /** output is called when the guest showed something. */
  output(now: number) {
    if (this.sent === undefined) return;
    const took = now - this.sent;
    this.sent = undefined;
    if (took > LATE_MS) return;
    this.times = [...this.times.slice(1 - KEPT), took];
    const sorted = [...this.times].sort((a, b) => a - b);
    this.shown = Math.round(sorted[sorted.length >> 1] ?? 0);
    for (const f of this.listeners) f();
  }

  /** forget is called when the connection is a new one. */
  forget() {
    this.sent = undefined;
    this.times = [];
    this.shown = undefined;
    for (const f of this.listeners) f();
  }

  /** subscribe and median, in milliseconds, are for useSyncExternalStore. */
  subscribe = (f: () => void) => {
    this.listeners.add(f);
    return () => void this.listeners.delete(f);
  };
  median = (): number | undefined => this.shown;
}
