/** Kept remembers what each host told last, so that it can be shown while the host is away. */
export class Kept<T extends { host: string }> {
  private last = new Map<string, readonly T[]>();

  /**
   * with takes what the hosts in told say (rows), and returns all rows by host: of
   * the others what they told last. old names the hosts whose rows are of before;
   * live ones that are just being asked again are none. Hosts that are not among
   * hosts any more are forgotten.
   */
  with(hosts: readonly string[], told: readonly string[], live: readonly string[], rows: readonly T[]): { all: T[]; old: ReadonlySet<string> } {
    const now = new Map<string, T[]>(told.map((h) => [h, []]));
    for (const r of rows) now.get(r.host)?.push(r);
    for (const [h, of] of now) this.last.set(h, of);
    const known = new Set(hosts);
    if (hosts.length > 0) for (const h of [...this.last.keys()]) if (!known.has(h)) this.last.delete(h);
    const asked = new Set(told.length > 0 ? told : live);
    const old = new Set(hosts.filter((h) => !asked.has(h) && (this.last.get(h)?.length ?? 0) > 0));
    return { all: hosts.flatMap((h) => this.last.get(h) ?? []), old };
  }
}
