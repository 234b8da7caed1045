import type { Opened } from "@/lib/api";
import type { Problem } from "@/lib/error";

/** Guest is what is known of the VM beside its console. */
export interface Guest {
  /** It has a console now: it runs or is paused. */
  up: boolean;
  /** Why its host cannot be asked; undefined when it can. */
  away?: string;
}

/** Phase is where a console's connection stands. */
export type Phase =
  /** A ticket is asked for. */
  | { name: "opening" }
  /** The view is to connect with `opened`. */
  | { name: "connecting"; opened: Opened }
  | { name: "live"; opened: Opened }
  /** It was lost, or could not be opened, and is tried again at `until` (ms since 1970). */
  | { name: "waiting"; until: number; problem?: Problem }
  /** The host is not connected; it is opened when that changes. */
  | { name: "away"; why: string }
  /** The VM does not run; it is opened when that changes. */
  | { name: "off" }
  /** Trying again would not help. */
  | { name: "failed"; problem: Problem };

/** Waits between attempts; the last one again and again. The first leaves the news time to come that the VM has stopped. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000];
/** What was live for so long begins to count its attempts anew. */
const SOUND_MS = 5000;
/** How long connecting may take before it is given up. */
const CONNECT_MS = 20_000;
/** Errors that stay until somebody changes something. */
const LASTING = new Set(["unsupported", "denied", "not_found", "invalid", "ambiguous"]);

/**
 * Line keeps one console connected: through reboots of the guest, lost
 * connections to the host, and stops. It knows nothing of RFB or terminals: the
 * view connects with what `connecting` carries and reports up and down.
 */
export class Line {
  private now: Phase = { name: "opening" };
  private guestNow: Guest = { up: true };
  private running = false;
  private attempt = 0;
  private liveSince = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;
  private listeners = new Set<() => void>();

  constructor(
    private readonly open: (signal: AbortSignal) => Promise<Opened>,
    private readonly problem: (error: unknown) => Problem,
  ) {}

  /** subscribe and phase are for useSyncExternalStore. */
  subscribe = (f: () => void) => {
    this.listeners.add(f);
    return () => void this.listeners.delete(f);
  };
  phase = (): Phase => this.now;

  /** start begins, and may follow stop. */
  start() {
    this.running = true;
    this.attempt = 0;
    this.begin();
  }

  /** stop ends everything that goes on. */
  stop() {
    this.running = false;
    this.clear();
    this.set({ name: "opening" });
  }

  /** guest tells what became of the VM and its host. */
  guest(next: Guest) {
    const before = this.guestNow;
    this.guestNow = next;
    if (!this.running) return;
    if (!next.up) {
      if (this.now.name !== "off") this.end({ name: "off" });
      return;
    }
    const again = (!before.up && next.up) || (before.away !== undefined && next.away === undefined);
    const idle = this.now.name === "off" || this.now.name === "away" || this.now.name === "waiting";
    if (again && idle) this.start();
  }

  /** up is called by the view when it sees the guest. */
  up() {
    if (this.now.name !== "connecting") return;
    this.clear();
    this.liveSince = Date.now();
    this.set({ name: "live", opened: this.now.opened });
  }

  /** down is called by the view when its connection ended; with a problem when another attempt cannot help. */
  down(opened: Opened, lasting?: Problem) {
    const current = this.now.name === "live" || this.now.name === "connecting" ? this.now.opened : undefined;
    if (!this.running || current !== opened) return; // of an earlier connection
    if (lasting) return this.end({ name: "failed", problem: lasting });
    if (this.now.name === "live" && Date.now() - this.liveSince >= SOUND_MS) this.attempt = 0;
    this.again();
  }

  /** retry tries at once. */
  retry = () => {
    if (this.running) this.start();
  };

  private begin() {
    this.clear();
    if (!this.guestNow.up) return this.set({ name: "off" });
    if (this.guestNow.away !== undefined) return this.set({ name: "away", why: this.guestNow.away });
    this.set({ name: "opening" });
    const asking = new AbortController();
    this.asking = asking;
    this.open(asking.signal).then(
      (opened) => !asking.signal.aborted && this.connect(opened),
      (e) => !asking.signal.aborted && this.refused(this.problem(e)),
    );
  }

  private connect(opened: Opened) {
    this.set({ name: "connecting", opened });
    this.timer = setTimeout(() => this.again(), CONNECT_MS);
  }

  private refused(problem: Problem) {
    if (LASTING.has(problem.code)) return this.end({ name: "failed", problem });
    this.again(problem);
  }

  private again(problem?: Problem) {
    if (!this.guestNow.up) return this.end({ name: "off" });
    if (this.guestNow.away !== undefined) return this.end({ name: "away", why: this.guestNow.away });
    const wait = WAITS_MS[Math.min(this.attempt, WAITS_MS.length - 1)] ?? 0;
    this.attempt++;
    this.end({ name: "waiting", until: Date.now() + wait, problem });
    this.timer = setTimeout(() => this.begin(), wait);
  }

  private end(phase: Phase) {
    this.clear();
    this.set(phase);
  }

  private clear() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = undefined;
  }

  private set(phase: Phase) {
    this.now = phase;
    for (const f of this.listeners) f();
  }
}
