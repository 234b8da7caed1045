import { createContext, type ComponentType } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";

// Features do not import each other. Where a page shows what belongs to another
// one, the shell puts it into a slot around the page.

/** What the console tab is told. */
export interface ConsoleTabProps {
  vm: VM;
}

/** ConsoleTabSlot is the console inside a VM's page; undefined: there is none in this build. */
export const ConsoleTabSlot = createContext<ComponentType<ConsoleTabProps> | undefined>(undefined);
