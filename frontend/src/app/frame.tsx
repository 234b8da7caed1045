import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";

import { listen } from "@/lib/shortcut";
import { ConsoleTabSlot, type ConsoleTabProps } from "@/lib/slots";
import { useStored } from "@/lib/stored";
import { undoTask } from "@/lib/task-state";
import { SplitPane } from "@/ui/split-pane";
import { Toaster } from "@/ui/toaster";
import { useFrameKeys } from "./frame-keys";
import { Help } from "./help";
import { LabelDialog } from "./label-dialog";
import { LineBanner } from "./line";
import { ManySheet } from "./many-sheet";
import { Nav } from "./nav";
import { Palette } from "./palette";
import { PlanSheet } from "./plan-sheet";
import { useNarrow } from "./use-narrow";
import { useVisits } from "./visits";
import { TaskDrawer, TaskLine } from "./task-drawer";
import { TitleBar } from "./title-bar";
import { Tree } from "./tree";

const LazyConsoleTab = lazy(() => import("./vm-console-tab").then((m) => ({ default: m.VMConsoleTab })));

/** A VM's page has the console of another feature in it: loaded when it is looked at. */
function ConsoleTab(props: ConsoleTabProps) {
  return (
    <Suspense>
      <LazyConsoleTab {...props} />
    </Suspense>
  );
}

/** Frame is everything around the page: title bar, inventory, task drawer, and what opens above it all. */
export function Frame() {
  const [over, setOver] = useState<"palette" | "help">();
  const [chosen, setHidden] = useStored<boolean | null>("tree.hidden", null, isChoice);
  const narrow = useNarrow();
  const hidden = chosen ?? narrow;
  const [drawer, setDrawer] = useStored("drawer.open", false);
  const [task, setTask] = useState<string>();
  const log = (id: string) => {
    setTask(id);
    setDrawer(true);
  };
  const toggleTree = () => setHidden(!hidden);
  const toggleDrawer = () => setDrawer((d) => !d);
  const fixed = useFrameKeys({ palette: () => setOver("palette"), help: () => setOver("help"), tree: toggleTree, drawer: toggleDrawer });
  useVisits();
  useEffect(() => listen(window), []);
  return (
    <div className="flex h-full flex-col">
      <a href="#main" onClick={skip} className="sr-only focus:not-sr-only">Skip to the page</a>
      <TitleBar onPalette={() => setOver("palette")} onHelp={() => setOver("help")} onTree={toggleTree} />
      <LineBanner />
      <div className="min-h-0 flex-1">
        <SplitPane id="tree" side="left" label="Inventory" size={240} min={180} max={480} collapsed={hidden} pane={
          <div className="flex h-full min-h-0 flex-col bg-canvas">
            <Nav />
            <Tree />
          </div>
        }>
          <SplitPane id="drawer" side="bottom" label="Tasks" size={260} min={120} max={700} collapsed={!drawer} pane={<TaskDrawer chosen={task} onChoose={setTask} />}>
            <main id="main" tabIndex={-1} className="h-full min-h-0 overflow-hidden bg-panel outline-none">
              <ConsoleTabSlot value={ConsoleTab}>
                <Outlet />
              </ConsoleTabSlot>
            </main>
          </SplitPane>
        </SplitPane>
      </div>
      <TaskLine open={drawer} onToggle={toggleDrawer} />
      <Toaster onUndo={(id) => void undoTask({ id, undo: "Undo" }, true)} onLog={log} />
      <PlanSheet />
      <ManySheet />
      <LabelDialog />
      <Palette open={over === "palette"} onClose={() => setOver(undefined)} fixed={fixed} />
      <Help open={over === "help"} onClose={() => setOver(undefined)} />
    </div>
  );
}

const isChoice = (v: unknown) => typeof v === "boolean";

/** The address is behind the '#': a link to an anchor would change the page. */
function skip(e: { preventDefault: () => void }) {
  e.preventDefault();
  document.getElementById("main")?.focus();
}
