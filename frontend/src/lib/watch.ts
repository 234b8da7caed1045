import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { QueryClient } from "@tanstack/react-query";

import type { WatchResponse } from "@/gen/limiquantix/v1/event_pb";
import { AuditService } from "@/gen/limiquantix/v1/audit_pb";
import { EventService } from "@/gen/limiquantix/v1/event_pb";
import { HistoryService } from "@/gen/limiquantix/v1/history_pb";
import { HostService } from "@/gen/limiquantix/v1/host_pb";
import { ImageService } from "@/gen/limiquantix/v1/image_pb";
import { NetworkService } from "@/gen/limiquantix/v1/network_pb";
import { SearchService } from "@/gen/limiquantix/v1/search_pb";
import { StorageService } from "@/gen/limiquantix/v1/storage_pb";
import { TaskService } from "@/gen/limiquantix/v1/task_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { retain } from "./retain";

/** State of the page's own connection to limiquantix; "refused": it answers, but has another token. */
export type Line = "connecting" | "live" | "lost" | "refused";

/** The server says hello every 15 s; after so long without, it is gone though the connection stands. */
const SILENT_MS = 40_000;
/** How long changes are gathered before the page reads again. */
const GATHER_MS = 120;
/** How long a lost server is left alone before it is tried again: at first, and at most. */
const PAUSE_MS = [250, 30_000] as const;
/** From so many changed VMs on, the whole list is read instead of each. */
const MANY = 40;

/** What is read again when an object of a kind changed. */
const READ_AGAIN: Record<string, DescMethodUnary[]> = {
  host: [HostService.method.listHosts, HostService.method.getHost],
  task: [TaskService.method.listTasks, TaskService.method.getTask],
  pool: [StorageService.method.listPools, StorageService.method.listVolumes, ImageService.method.listImages],
  volume: [StorageService.method.listVolumes, ImageService.method.listImages],
  network: [NetworkService.method.listNetworks, NetworkService.method.listLeases],
  history: [HistoryService.method.fleetAt, HistoryService.method.diffFleet],
  view: [SearchService.method.listViews],
};

/** What only a VM's own page shows. */
const DETAILS = [VMService.method.getVM, VMService.method.getVMXML];

/** What a change of a VM's state may change beside the VM. */
const WITH_VMS = [HostService.method.listHosts];

/** Watcher keeps the query cache true by the one Watch stream. */
export class Watcher {
  private line: Line = "connecting";
  private since = Date.now();
  private listeners = new Set<() => void>();
  private pending = new Map<string, WatchResponse>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private events = new Set<(e: WatchResponse) => void>();
  /** Whether hosts were live when they were last told of, by name. */
  private live = new Map<string, boolean>();
  /** Ends the pause before the next try. */
  private wake: () => void = () => undefined;

  constructor(
    private readonly transport: Transport,
    private readonly queries: QueryClient,
  ) {}

  /** run follows the stream until signal, and reads everything again after each interruption. */
  async run(signal: AbortSignal): Promise<void> {
    const api = createClient(EventService, this.transport);
    for (let failures = 0; !signal.aborted; failures++) {
      let why: unknown;
      const attempt = new AbortController();
      const end = () => attempt.abort();
      signal.addEventListener("abort", end);
      let alarm = setTimeout(end, SILENT_MS);
      try {
        for await (const m of api.watch({}, { signal: attempt.signal })) {
          clearTimeout(alarm);
          alarm = setTimeout(end, SILENT_MS);
          if (this.line !== "live") {
            this.set("live");
            failures = 0;
            void this.queries.invalidateQueries();
          }
          this.take(m);
        }
      } catch (e) {
        why = e; // told below: the stream has ended, by whatever
      } finally {
        clearTimeout(alarm);
        signal.removeEventListener("abort", end);
      }
      if (signal.aborted) return;
      this.set(ConnectError.from(why).code === Code.Unauthenticated ? "refused" : "lost");
      await this.pause(Math.min(PAUSE_MS[1], PAUSE_MS[0] * 2 ** failures));
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      this.wake = done;
      setTimeout(done, ms);
    });
  }

  /** tryNow ends the pause before the next try: the user, or the network's return, asks for it. */
  tryNow = (): void => this.wake();

  /** back resolves once the server is not known to be away: others that ask again wait for this one probe. */
  back(): Promise<void> {
    return new Promise((done) => {
      const look = () => {
        if (this.line === "lost" || this.line === "refused") return;
        stop();
        done();
      };
      const stop = this.subscribe(look);
      look();
    });
  }

  private take(m: WatchResponse) {
    for (const f of this.events) f(m);
    if (m.object === "hello") return;
    if (m.resync) {
      void this.queries.invalidateQueries();
      return;
    }
    this.pending.set(`${m.object}\n${m.host}\n${m.id}`, m);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush() {
    this.timer = undefined;
    const changes = [...this.pending.values()];
    this.pending.clear();
    const vms = changes.filter((c) => c.object === "vm");
    const again = new Set(changes.flatMap((c) => READ_AGAIN[c.object] ?? []));
    if (vms.length > 0) {
      for (const m of WITH_VMS) again.add(m);
      this.readVMs(vms);
    }
    // A task may change what no event tells of: a VM's saved settings, its notes.
    // What a query finds may be another by any of them; nobody asks unless a query is shown.
    if (changes.some((c) => c.object !== "view" && c.object !== "history")) again.add(SearchService.method.search);
    if (changes.some((c) => c.object === "task" && c.change === "done"))
      for (const method of DETAILS) void this.queries.invalidateQueries({ queryKey: keyOf(method) });
    // What is known of a host's VMs is of another age once it is lost, and true again once it is back.
    if (changes.filter((c) => c.object === "host").map((c) => this.turned(c)).includes(true)) again.add(VMService.method.listVMs);
    for (const method of again) void this.queries.invalidateQueries({ queryKey: keyOf(method) });
    this.readLists(changes);
  }

  /** readLists reads lists again that are shown page by page. */
  private readLists(changes: WatchResponse[]) {
    const lists: DescMethodUnary[] = [EventService.method.listEvents];
    if (changes.some((c) => c.object === "history")) lists.push(HistoryService.method.listHistory);
    if (changes.some((c) => c.object === "task" || c.object === "host")) lists.push(AuditService.method.listAudit);
    for (const schema of lists) void this.queries.invalidateQueries({ queryKey: createConnectQueryKey({ schema, cardinality: undefined }) });
  }

  /** turned tells whether a host was lost or is back since it was last told of. */
  private turned({ host, change }: WatchResponse): boolean {
    const before = this.live.get(host);
    this.live.set(host, change === "live");
    return before !== (change === "live");
  }

  /** readVMs brings the list up to date: single VMs one by one, many in one call. */
  private readVMs(changes: WatchResponse[]) {
    for (const method of DETAILS) void this.queries.invalidateQueries({ queryKey: keyOf(method) });
    if (changes.length >= MANY || changes.some((c) => !c.id || c.change === "removed" || c.change === "added")) {
      void this.queries.invalidateQueries({ queryKey: keyOf(VMService.method.listVMs) });
      return;
    }
    const api = createClient(VMService, this.transport);
    for (const c of changes)
      api.getVM({ vm: `${c.host}/${c.id}`, offline: true }).then(
        ({ vm }) => vm && this.queries.setQueriesData({ queryKey: keyOf(VMService.method.listVMs) }, retain(vm)),
        () => this.queries.invalidateQueries({ queryKey: keyOf(VMService.method.listVMs) }),
      );
  }

  private set(line: Line) {
    if (line === this.line) return;
    if (this.line === "live" || line === "live") this.since = Date.now();
    this.line = line;
    for (const f of this.listeners) f();
  }

  /** subscribe and state are for useSyncExternalStore. */
  subscribe = (f: () => void) => {
    this.listeners.add(f);
    return () => void this.listeners.delete(f);
  };
  state = (): Line => this.line;
  /** lostAt is when the page was live last. */
  lostAt = (): number => this.since;

  /** onEvent tells each message of the stream, for toasts. */
  onEvent(f: (e: WatchResponse) => void): () => void {
    this.events.add(f);
    return () => void this.events.delete(f);
  }
}

function keyOf(schema: DescMethodUnary) {
  return createConnectQueryKey({ schema, cardinality: "finite" });
}

let shared: Watcher | undefined;

/** openWatcher is called once, before the first render. */
export function openWatcher(w: Watcher): void {
  shared = w;
}

/** watcher returns the page's connection to limiquantix. */
export function watcher(): Watcher {
  if (!shared) throw new Error("the stream of changes is not open yet");
  return shared;
}
