import { createHashHistory, createRootRoute, createRoute, createRouter } from "@tanstack/react-router";

import type { PastSearch } from "@/features/past/search";
import { Broken } from "./broken";
import { ConsoleFrame } from "./console-frame";
import { Frame } from "./frame";
import { part } from "./missing";
import { NotFound } from "./not-found";

// The address names the object and the tab, so that back, forward, deep links
// and a second window work everywhere. It is behind the '#': the window's page
// has no server that could answer for other paths.

/** What lists keep in the address: what the filter box says, and whether the dialog that adds one is open. */
function listSearch(s: Record<string, unknown>): { q?: string; add?: boolean } {
  return { ...(typeof s.q === "string" && s.q ? { q: s.q } : {}), ...(s.add === true ? { add: true } : {}) };
}

/** Which console of a VM is shown: "?serial"; absent: whichever it has. */
function consoleSearch(s: Record<string, unknown>): { serial?: boolean } {
  return s.serial === undefined ? {} : { serial: s.serial !== false };
}

/** Which of its parts a VM's page shows: its console, with "?live" the XML of what runs, or what of its history. */
function vmSearch(s: Record<string, unknown>): { serial?: boolean; live?: boolean; change?: number; at?: string } {
  return { ...consoleSearch(s), ...(s.live === true ? { live: true } : {}), ...pastSearch(s, ["at"]) };
}

/** What a page of history shows: the number of a change, and times. */
function pastSearch<K extends string>(s: Record<string, unknown>, times: readonly K[]): { change?: number } & Partial<Record<K, string>> {
  const number = typeof s.change === "number" && Number.isSafeInteger(s.change) && s.change > 0 ? { change: s.change } : {};
  return { ...number, ...Object.fromEntries(times.flatMap((k) => (typeof s[k] === "string" ? [[k, s[k]]] : []))) } as { change?: number } & Partial<Record<K, string>>;
}

/** What the history of the fleet shows. */
function fleetPastSearch(s: Record<string, unknown>): PastSearch {
  return { ...pastSearch(s, ["at", "from", "to"]), ...(s.view === "at" || s.view === "between" ? { view: s.view } : {}), ...(s.kept === true ? { kept: true } : {}) };
}

const root = createRootRoute({ notFoundComponent: NotFound });
const framed = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });

const dashboard = createRoute({ getParentRoute: () => framed, path: "/", component: part(() => import("@/features/dashboard/dashboard-page"), "DashboardPage") });
const hosts = createRoute({ getParentRoute: () => framed, path: "/hosts", validateSearch: listSearch, component: part(() => import("@/features/host/host-list-page"), "HostListPage") });
const host = createRoute({ getParentRoute: () => framed, path: "/hosts/$host/{-$tab}", component: part(() => import("@/features/host/host-page"), "HostPage") });
const vms = createRoute({
  getParentRoute: () => framed,
  path: "/vms",
  validateSearch: (s: Record<string, unknown>): { q?: string } => (typeof s.q === "string" && s.q ? { q: s.q } : {}),
  component: part(() => import("@/features/vm/vm-list-page"), "VMListPage"),
});
const vm = createRoute({ getParentRoute: () => framed, path: "/vms/$host/$uuid/{-$tab}", validateSearch: vmSearch, component: part(() => import("./vm-route"), "VMRoute") });
const create = createRoute({
  getParentRoute: () => framed,
  path: "/create",
  validateSearch: (s: Record<string, unknown>): { host?: string; image?: string; step?: string } => ({
    ...(typeof s.host === "string" ? { host: s.host } : {}),
    ...(typeof s.image === "string" ? { image: s.image } : {}),
    ...(typeof s.step === "string" ? { step: s.step } : {}),
  }),
  component: part(() => import("@/features/create/create-page"), "CreatePage"),
});
const storage = createRoute({ getParentRoute: () => framed, path: "/storage/{-$host}/{-$pool}", validateSearch: listSearch, component: part(() => import("@/features/storage/storage-page"), "StoragePage") });
const networks = createRoute({ getParentRoute: () => framed, path: "/networks/{-$host}/{-$network}", validateSearch: listSearch, component: part(() => import("@/features/network/network-page"), "NetworkPage") });
const images = createRoute({ getParentRoute: () => framed, path: "/images", validateSearch: listSearch, component: part(() => import("@/features/image/image-page"), "ImagePage") });
const wall = createRoute({
  getParentRoute: () => framed,
  path: "/wall",
  validateSearch: (s: Record<string, unknown>): { q?: string } => (typeof s.q === "string" && s.q ? { q: s.q } : {}),
  component: part(() => import("@/features/wall/wall-page"), "WallPage"),
});
const tasks = createRoute({ getParentRoute: () => framed, path: "/tasks/{-$id}", component: part(() => import("@/features/task/task-page"), "TaskPage") });
const events = createRoute({ getParentRoute: () => framed, path: "/events", component: part(() => import("@/features/event/event-page"), "EventPage") });
const history = createRoute({ getParentRoute: () => framed, path: "/history", validateSearch: fleetPastSearch, component: part(() => import("@/features/past/past-page"), "PastPage") });
const audit = createRoute({
  getParentRoute: () => framed,
  path: "/audit",
  validateSearch: (s: Record<string, unknown>): { act?: string } => (typeof s.act === "string" ? { act: s.act } : typeof s.act === "number" ? { act: String(s.act) } : {}),
  component: part(() => import("@/features/audit/audit-page"), "AuditPage"),
});
const settings = createRoute({ getParentRoute: () => framed, path: "/settings", component: part(() => import("@/features/settings/settings-page"), "SettingsPage") });
const kit = createRoute({ getParentRoute: () => framed, path: "/kit", component: part(() => import("./kit-page"), "KitPage") });
// A console window has nothing around it.
const bare = createRoute({ getParentRoute: () => root, id: "bare", component: ConsoleFrame });
const console = createRoute({ getParentRoute: () => bare, path: "/console/$host/$uuid", validateSearch: consoleSearch, component: part(() => import("@/features/console/console-page"), "ConsolePage") });

const tree = root.addChildren([
  framed.addChildren([dashboard, hosts, host, vms, vm, create, storage, networks, images, wall, tasks, events, history, audit, settings, kit]),
  bare.addChildren([console]),
]);

/** loadPages brings the files of the usual pages, so that these are there while the server is away. */
export async function loadPages(): Promise<void> {
  for (const route of [vms, vm, hosts, host, create, storage, networks, images, wall, tasks, events, history, audit, settings, dashboard])
    await route.options.component?.preload?.();
}

/** newRouter returns the router of the page. */
export function newRouter() {
  return createRouter({ routeTree: tree, history: createHashHistory(), defaultPreload: "intent", defaultPendingMs: 300, defaultErrorComponent: Broken, scrollRestoration: true });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
