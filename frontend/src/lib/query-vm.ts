import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { quoted } from "./query-text";

/** VMRow is a VM and what its host adds. */
export interface VMRow {
  /** "host/uuid", as vmKey. */
  key: string;
  vm: VM;
  /** Of its host; "" when it has none. */
  cluster: string;
}

/** queryOfVMs is the query that exactly these VMs match. */
export function queryOfVMs(keys: readonly string[]): string {
  return keys.length === 0 ? "" : `id:${keys.map(quoted).join(",")}`;
}
