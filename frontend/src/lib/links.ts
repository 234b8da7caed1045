// Addresses of pages, for links; routes.tsx has their shapes. Names are hostile:
// each is one part of the path, whatever it holds.

/** hostHref is a host's page, at one of its tabs. */
export function hostHref(host: string, tab = ""): string {
  return path("hosts", host, tab);
}

/** vmHref is a VM's page, at one of its tabs. */
export function vmHref(vm: { host: string; uuid: string }, tab = ""): string {
  return path("vms", vm.host, vm.uuid, tab);
}

/** poolHref is a pool's page. */
export function poolHref(pool: { host: string; name: string }): string {
  return path("storage", pool.host, pool.name);
}

/** poolsHref is the pools of a host. */
export function poolsHref(host: string): string {
  return path("storage", host);
}

/** networkHref is a network's page. */
export function networkHref(network: { host: string; name: string }): string {
  return path("networks", network.host, network.name);
}

/** taskHref is a task's page. */
export function taskHref(id: string): string {
  return path("tasks", id);
}

/** createHref is the wizard, with a host or an image chosen already. */
export function createHref(chosen: { host?: string; image?: string } = {}): string {
  const query = new URLSearchParams(Object.entries(chosen).filter(([, v]) => v !== undefined) as [string, string][]).toString();
  return query ? `#/create?${query}` : "#/create";
}

function path(...parts: string[]): string {
  return `#/${parts.filter((p) => p !== "").map(encodeURIComponent).join("/")}`;
}
