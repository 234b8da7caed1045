import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { bytes, parseSize } from "@/lib/format";

/** Settings is what the form changes, as it is typed; what was not touched is absent and follows the VM. */
export interface Settings {
  title?: string;
  vcpus?: string;
  memory?: string;
  autostart?: boolean;
}

/** Wrong is what is wrong with a field, by its name in the API. */
export type Wrong = Partial<Record<"title" | "vcpus" | "memory_bytes", string>>;

/** Change is the part of SetVMRequest that differs from the VM. */
export interface Change {
  title?: string;
  vcpus?: number;
  memoryBytes?: bigint;
  autostart?: boolean;
}

const MIB = 1n << 20n;
const MAX_MEMORY = 1n << 52n;
const MAX_VCPUS = 4096;

/** Room is what the VM's host has, and what the VM is to have so far. */
export interface Room {
  host: string;
  /** Bytes; 0n: not known. */
  memory: bigint;
  /** The most that any VM there can have; 0: not known. */
  vcpus: number;
  /** Bytes that the VM has already: as much is no question of room. */
  had: bigint;
}

/** checkSettings mirrors what the server refuses. room: absent while it is not known. */
export function checkSettings(s: Settings, room?: Room): Wrong {
  const wrong: Wrong = {};
  if (s.title !== undefined && /\p{Cc}/u.test(s.title)) wrong.title = "A title is one line without control characters";
  const vcpus = s.vcpus === undefined || /^\s*\d{1,5}\s*$/.test(s.vcpus) ? Number(s.vcpus ?? 1) : 0;
  const most = room?.vcpus || MAX_VCPUS;
  if (vcpus < 1 || vcpus > most) wrong.vcpus = `It needs a whole number from 1 to ${most}`;
  if (s.memory !== undefined) {
    const size = parseSize(s.memory, "MiB");
    if (size === undefined) wrong.memory_bytes = "Write a size such as 4G or 4096 MiB";
    else if (size < MIB) wrong.memory_bytes = "A VM has at least 1 MiB";
    else if (size > MAX_MEMORY) wrong.memory_bytes = "A VM has at most 4 PiB";
    else if (room && room.memory > 0n && size > room.memory && size > room.had) wrong.memory_bytes = `${room.host} has ${bytes(room.memory)}: give the VM less`;
  }
  return wrong;
}

/** changeOf is what would be asked for: only what differs from how the VM is saved. Call it with settings that are right. */
export function changeOf(s: Settings, vm: Pick<VM, "title" | "vcpus" | "memoryBytes" | "autostart">): Change {
  const c: Change = {};
  if (s.title !== undefined && s.title !== vm.title) c.title = s.title;
  if (s.vcpus !== undefined && Number(s.vcpus) !== vm.vcpus) c.vcpus = Number(s.vcpus);
  const memory = s.memory === undefined ? undefined : parseSize(s.memory, "MiB");
  if (memory !== undefined && memory !== vm.memoryBytes) c.memoryBytes = memory;
  if (s.autostart !== undefined && s.autostart !== vm.autostart) c.autostart = s.autostart;
  return c;
}
