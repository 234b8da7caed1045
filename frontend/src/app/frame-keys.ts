import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

import { useTasks } from "@/lib/inventory";
import { notify } from "@/lib/notify";
import { focusPage } from "@/lib/page-focus";
import { useShortcuts, type Shortcut } from "@/lib/shortcut";
import { undoTask } from "@/lib/task-state";
import { setTheme, type ThemeChoice } from "@/ui/theme";
import type { Entry } from "./palette-model";

const PAGES = [
  ["/", "Dashboard", "g d"],
  ["/hosts", "Hosts", "g h"],
  ["/vms", "VMs", "g v"],
  ["/storage", "Storage", "g s"],
  ["/networks", "Networks", "g n"],
  ["/images", "Images", "g i"],
  ["/wall", "Console wall", "g w"],
  ["/tasks", "Tasks", "g t"],
  ["/events", "Events", "g e"],
  ["/history", "History", "g y"],
  ["/audit", "Audit", "g a"],
  ["/settings", "Settings", "g ,"],
] as const;

interface Acts {
  palette: () => void;
  help: () => void;
  tree: () => void;
  drawer: () => void;
}

/** useFrameKeys makes the keys work that work everywhere, and returns what the palette offers beside objects. */
export function useFrameKeys(acts: Acts): Entry[] {
  const navigate = useNavigate();
  const { tasks } = useTasks();
  const last = tasks.find((t) => t.undo);
  const list = useMemo(() => {
    const go = (to: string) => {
      focusPage(location.hash);
      void navigate({ to });
    };
    const undo = () => (last ? void undoTask(last) : notify({ kind: "info", title: "There is nothing to undo" }));
    const theme = (t: ThemeChoice) => () => setTheme(t);
    const keys: Shortcut[] = [
      { keys: "Ctrl+K", label: "Search or run a command", group: "Everywhere", always: true, run: acts.palette },
      { keys: "?", label: "All shortcuts", group: "Everywhere", run: acts.help },
      { keys: "Ctrl+Z", label: "Undo the last change", group: "Everywhere", run: undo },
      { keys: "Ctrl+B", label: "Show or hide the inventory", group: "Everywhere", always: true, run: acts.tree },
      { keys: "Ctrl+J", label: "Open or close the tasks", group: "Everywhere", always: true, run: acts.drawer },
      { keys: "/", label: "Filter what is shown", group: "Everywhere", run: () => find("[data-table-filter]")?.focus() },
      { keys: ".", label: "Actions of the page", group: "Everywhere", run: () => openMenu(find("[data-page-actions]")) },
      { keys: "n", label: "Create a VM", group: "Everywhere", run: () => go("/create") },
      ...PAGES.map(([to, label, k]): Shortcut => ({ keys: k, label, group: "Go to", run: () => go(to) })),
    ];
    const action = (id: string, label: string, run: () => void, shortcut?: string): Entry => ({ id: `act-${id}`, label, note: "", group: "Actions", run, shortcut });
    const fixed: Entry[] = [
      action("create", "Create a VM", () => go("/create"), "n"),
      action("add-host", "Add a host", () => void navigate({ to: "/hosts", search: { add: true } as never })),
      action("add-image", "Add an image", () => void navigate({ to: "/images", search: { add: true } as never })),
      ...(last ? [action("undo", `Undo: ${last.undo}`, undo, "Ctrl+Z")] : []),
      ...PAGES.map(([to, label, k]): Entry => ({ id: `page-${to}`, label, note: "", group: "Pages", shortcut: k, run: () => go(to) })),
      action("dark", "Dark theme", theme("dark")),
      action("light", "Light theme", theme("light")),
      action("system", "Theme of the system", theme("system")),
      action("drawer", "Open or close the tasks", acts.drawer, "Ctrl+J"),
      action("help", "All shortcuts", acts.help, "?"),
    ];
    return { keys, fixed };
    // The acts are made anew with each render and do the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [navigate, last]);
  useShortcuts(list.keys);
  return list.fixed;
}

/** What the kit marks for a key is inside the page. */
function find(selector: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`main ${selector}`);
}

/** A menu opens on pointerdown, or by keyboard: a click alone does nothing. */
function openMenu(button: HTMLElement | null) {
  button?.focus();
  button?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}
