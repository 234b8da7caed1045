import { Link } from "@tanstack/react-router";
import { CircleHelp, Moon, PanelLeft, Search, Sun } from "lucide-react";

import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { useHosts } from "@/lib/inventory";
import { plural } from "@/lib/format";
import type { Line } from "@/lib/watch";
import { IconButton } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { StateShape, type StateKind } from "@/ui/state";
import { setTheme, useTheme } from "@/ui/theme";
import { Tooltip } from "@/ui/tooltip";
import { useLine } from "./line";

/** TitleBar: the palette's door, the health of all connections, what concerns the whole window. */
export function TitleBar({ onPalette, onHelp, onTree }: { onPalette: () => void; onHelp: () => void; onTree: () => void }) {
  const theme = useTheme();
  return (
    <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line bg-canvas px-2">
      <IconButton icon={PanelLeft} label="Show or hide the inventory" shortcut="Ctrl+B" size="sm" onClick={onTree} />
      <Link to="/" className="flex items-center gap-1.5 rounded-md px-1 font-semibold text-fg">
        <Mark />
        limiquantix
      </Link>
      <button type="button" onClick={onPalette}
        className="mx-auto flex h-7 w-full max-w-120 items-center gap-2 rounded-md border border-line bg-sunken px-2 text-table text-fg-muted hover:border-line-strong">
        <Search size={14} aria-hidden />
        <span className="flex-1 text-left">Search or run a command</span>
        <Kbd keys="Ctrl+K" />
      </button>
      <Health />
      <IconButton icon={theme === "dark" ? Sun : Moon} label={theme === "dark" ? "Light theme" : "Dark theme"} size="sm" onClick={() => setTheme(theme === "dark" ? "light" : "dark")} />
      <IconButton icon={CircleHelp} label="Keyboard shortcuts" shortcut="?" size="sm" onClick={onHelp} />
    </header>
  );
}

/** Mark is the sign of the application, as in its icon: hosts with room between them. */
function Mark() {
  return (
    <svg viewBox="10 11 44 42" width={17} height={16} aria-hidden className="shrink-0 text-fg-muted">
      <rect x="12" y="13" width="40" height="10" rx="3" className="fill-running" />
      <rect x="12" y="27" width="40" height="10" rx="3" fill="currentColor" />
      <rect x="12" y="41" width="26" height="10" rx="3" fill="currentColor" />
      <rect x="42" y="41" width="10" height="10" rx="3" className="fill-running" />
    </svg>
  );
}

const LINES: Record<Exclude<Line, "live">, [StateKind, string]> = {
  connecting: ["transient", "connecting"],
  lost: ["failed", "limiquantix does not answer"],
  refused: ["failed", "no valid token"],
};

/** Health is one line for all connections: the page's own, then the hosts'. */
function Health() {
  const line = useLine();
  const { hosts, isPending } = useHosts();
  const live = hosts.filter((h) => h.state === Host_State.LIVE).length;
  const refused = hosts.filter((h) => h.state === Host_State.REFUSED).length;
  const stale = hosts.filter((h) => h.state === Host_State.STALE).length;
  const connecting = hosts.filter((h) => h.state === Host_State.CONNECTING).length;
  let state: StateKind = "running";
  let text = plural(live, "host live", "hosts live");
  if (line !== "live") [state, text] = LINES[line];
  else if (isPending) [state, text] = ["transient", "reading"];
  else if (hosts.length === 0) [state, text] = ["stopped", "no hosts"];
  else if (refused > 0) [state, text] = ["failed", `${live} of ${hosts.length} hosts live`];
  else if (stale > 0) [state, text] = ["warning", `${live} of ${hosts.length} hosts live`];
  else if (connecting > 0) [state, text] = ["transient", `${live} of ${hosts.length} hosts live`];
  const detail = [refused && `${refused} refused`, stale && `${stale} not reachable`, connecting && `${connecting} connecting`].filter(Boolean).join(", ");
  return (
    <Tooltip content={detail || text}>
      <Link to="/hosts" aria-label={`Connections: ${text}${detail ? `: ${detail}` : ""}`} className="flex h-7 shrink-0 items-center gap-1.5 rounded-md px-2 text-table whitespace-nowrap text-fg-secondary hover:bg-raised hover:text-fg">
        <StateShape state={state} />
        {text}
      </Link>
    </Tooltip>
  );
}
