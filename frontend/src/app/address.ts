/** objectOf is the object that an address shows, as the tree names it: "vm:kvm1/UUID", "host:kvm1", or "". */
export function objectOf(path: string): string {
  const [, kind, host = "", uuid = ""] = path.split("/").map(decode);
  if (kind === "vms" && uuid) return `vm:${host}/${uuid}`;
  if (kind === "hosts" && host) return `host:${host}`;
  return "";
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand
  }
}
