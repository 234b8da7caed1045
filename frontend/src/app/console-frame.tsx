import { Outlet } from "@tanstack/react-router";

import { undoTask } from "@/lib/task-state";
import { Toaster } from "@/ui/toaster";
import { PlanSheet } from "./plan-sheet";

/** ConsoleFrame is what stands around a console window: only what opens above it, the plan sheet and toasts. */
export function ConsoleFrame() {
  return (
    <>
      <Outlet />
      <Toaster onUndo={(id) => void undoTask({ id, undo: "Undo" }, true)} onLog={() => undefined} />
      <PlanSheet />
    </>
  );
}
