import { useEffect, useState, useSyncExternalStore } from "react";

import { OpenConsoleRequest_Console as Console, VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client, consoleSocket } from "@/lib/api";
import { problemOf } from "@/lib/error";
import type { Kind } from "./guest";
import { Line } from "./line";
import type { Guest, Phase } from "./line";

/** useLine keeps a VM's console connected while the component is shown. One component for one VM and kind: give it a key. */
export function useLine(vm: string, kind: Kind, guest: Guest): { line: Line; phase: Phase } {
  const [line] = useState(() => new Line((signal) => open(vm, kind, signal), problemOf));
  // Told before it starts, so that it asks for no ticket that cannot be given.
  useEffect(() => void line.guest({ up: guest.up, away: guest.away }), [line, guest.up, guest.away]);
  useEffect(() => {
    line.start();
    return () => line.stop();
  }, [line]);
  return { line, phase: useSyncExternalStore(line.subscribe, line.phase) };
}

async function open(vm: string, kind: Kind, signal: AbortSignal) {
  const console = kind === "graphical" ? Console.GRAPHICAL : Console.UNSPECIFIED;
  const { ticket, password } = await client(VMService).openConsole({ vm, console }, { signal });
  return { ...consoleSocket(ticket), password };
}
