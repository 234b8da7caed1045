import { useSyncExternalStore } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "./format";

/** LabelAsk is what of which VMs is being edited. */
export interface LabelAsk {
  vms: readonly VM[];
  what: "tags" | "folder" | "fields";
}

let ask: LabelAsk | undefined;
const listeners = new Set<() => void>();

function show(next: LabelAsk | undefined) {
  ask = next;
  for (const f of listeners) f();
}

/** editLabels opens the frame's dialog for the labels of VMs. */
export function editLabels(next: LabelAsk): void {
  show(next);
}

/** closeLabels closes that dialog. */
export function closeLabels(): void {
  show(undefined);
}

/** subjectOf names the VMs that the dialog is about. */
export function subjectOf({ vms }: LabelAsk): string {
  return vms.length === 1 && vms[0] ? vms[0].name : plural(vms.length, "VM");
}

/** useLabelAsk returns what is being edited; undefined: nothing. */
export function useLabelAsk(): LabelAsk | undefined {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => void listeners.delete(f);
    },
    () => ask,
  );
}
