import type { Problem } from "@/lib/error";

/** Picture is what ScreenshotVM gave, as an address that <img> takes. */
export interface Picture {
  url: string;
  /** Of the guest's screen, in pixels. */
  width: number;
  height: number;
}

/** Shot is what is known of a VM's screen. */
export interface Shot {
  picture?: Picture;
  /** When the picture was taken, ms since 1970. */
  at?: number;
  /** Why there is no newer one. */
  problem?: Problem;
}

/** At most so many pictures are asked for at once: of one host, and in all. */
const PER_HOST = 2;
const IN_ALL = 6;
/** A picture that is seen is made anew after so long; after errors up to the longer one. */
const EVERY_MS = 4000;
const MOST_MS = 60_000;
/** So many pictures are kept, for what is scrolled back to. */
const KEPT = 300;

interface Entry {
  host: string;
  shot: Shot;
  /** How many show it now. */
  seen: number;
  due: number;
  failures: number;
  asking?: AbortController;
  listeners: Set<() => void>;
}

const NOTHING: Shot = {};

/**
 * Gallery takes pictures of the VMs that somebody sees, at a low rate, the most
 * overdue first. It asks nothing while it is paused, and after close.
 */
export class Gallery {
  private entries = new Map<string, Entry>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private paused = false;

  constructor(
    private readonly take: (key: string, signal: AbortSignal) => Promise<Picture>,
    private readonly drop: (url: string) => void,
    private readonly problem: (error: unknown) => Problem,
  ) {}

  /** see keeps a VM's picture fresh until the returned function is called. Keys are unique in the fleet. */
  see(key: string, host: string): () => void {
    const e = this.entry(key);
    e.host = host;
    e.seen++;
    this.schedule();
    return () => {
      e.seen--;
      if (e.seen === 0) e.asking?.abort();
      this.forget();
    };
  }

  /** pause stops asking, as while nobody looks at the page; what is asked already may come. */
  pause(on: boolean) {
    this.paused = on;
    this.schedule();
  }

  /** close ends everything; the gallery may be used again. */
  close() {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const e of this.entries.values()) {
      e.asking?.abort();
      if (e.shot.picture) this.drop(e.shot.picture.url);
    }
    this.entries.clear();
  }

  /** subscribe and shot are for useSyncExternalStore. */
  subscribe(key: string, f: () => void): () => void {
    const e = this.entry(key);
    e.listeners.add(f);
    return () => void e.listeners.delete(f);
  }
  shot(key: string): Shot {
    return this.entries.get(key)?.shot ?? NOTHING;
  }

  private entry(key: string): Entry {
    const e = this.entries.get(key) ?? { host: "", shot: NOTHING, seen: 0, due: 0, failures: 0, listeners: new Set() };
    this.entries.set(key, e);
    return e;
  }

  /** schedule asks for what is due and may be asked for, and wakes up for the rest. */
  private schedule() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.paused) return;
    const now = Date.now();
    const waiting = [...this.entries].filter(([, e]) => e.seen > 0 && !e.asking).sort(([, a], [, b]) => a.due - b.due);
    for (const [key, e] of waiting) {
      if (e.due > now) {
        this.timer = setTimeout(() => this.schedule(), e.due - now);
        return;
      }
      if (this.asking() >= IN_ALL) return; // the end of one of them comes here again
      if (this.asking(e.host) < PER_HOST) this.ask(key, e);
    }
  }

  private asking(host?: string): number {
    let n = 0;
    for (const e of this.entries.values()) if (e.asking && (host === undefined || e.host === host)) n++;
    return n;
  }

  private ask(key: string, e: Entry) {
    const asking = new AbortController();
    e.asking = asking;
    this.take(key, asking.signal)
      .then(
        (picture) => {
          if (this.entries.get(key) !== e) return this.drop(picture.url);
          if (e.shot.picture) this.drop(e.shot.picture.url);
          e.failures = 0;
          this.show(e, { picture, at: Date.now() });
        },
        (error) => {
          if (asking.signal.aborted) return;
          e.failures++;
          this.show(e, { ...e.shot, problem: this.problem(error) });
        },
      )
      .finally(() => {
        e.asking = undefined;
        e.due = asking.signal.aborted ? 0 : Date.now() + Math.min(MOST_MS, EVERY_MS * 2 ** e.failures);
        if (this.entries.get(key) === e) this.schedule();
      });
  }

  private show(e: Entry, shot: Shot) {
    e.shot = shot;
    for (const f of e.listeners) f();
  }

  /** forget drops the oldest pictures that nobody sees. */
  private forget() {
    if (this.entries.size <= KEPT) return;
    const unseen = [...this.entries].filter(([, e]) => e.seen === 0 && e.listeners.size === 0 && !e.asking).sort(([, a], [, b]) => (a.shot.at ?? 0) - (b.shot.at ?? 0));
    for (const [key, e] of unseen.slice(0, this.entries.size - KEPT)) {
      if (e.shot.picture) this.drop(e.shot.picture.url);
      this.entries.delete(key);
    }
  }
}
