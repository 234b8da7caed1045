import { Palette } from "lucide-react";
import { useSyncExternalStore } from "react";

import { PageHeader } from "@/ui/page-header";
import { Tabs } from "@/ui/tabs";
import { setDensity, setTheme, useDensity, useThemeChoice, type ThemeChoice } from "@/ui/theme";
import { Segmented } from "@/ui/toggle";
import { KitCharts } from "./kit-charts";
import { KitControls } from "./kit-controls";
import { KitOverlays } from "./kit-overlays";
import { KitStates } from "./kit-states";
import { KitTable } from "./kit-table";
import { KitTokens } from "./kit-tokens";

const parts = [
  { id: "tokens", label: "Tokens", show: KitTokens },
  { id: "controls", label: "Controls", show: KitControls },
  { id: "states", label: "States", show: KitStates },
  { id: "overlays", label: "Overlays", show: KitOverlays },
  { id: "table", label: "Table", show: KitTable },
  { id: "charts", label: "Charts and code", show: KitCharts },
] as const;

function onHash(notify: () => void): () => void {
  window.addEventListener("hashchange", notify);
  return () => window.removeEventListener("hashchange", notify);
}

/** "#/kit?part=table" is "table". */
function partOfHash(): string {
  return new URLSearchParams(window.location.hash.split("?")[1]).get("part") ?? "tokens";
}

/** KitPage shows every component in every state: the visual language, to look at and to take from. */
export function KitPage() {
  const part = useSyncExternalStore(onHash, partOfHash);
  const choice = useThemeChoice();
  const rows = useDensity();
  const Part = (parts.find((p) => p.id === part) ?? parts[0]).show;
  return (
    <main aria-label="Kit" className="flex h-full min-h-0 flex-col">
      <PageHeader
        icon={Palette}
        name="The kit"
        path={[{ label: "Development" }]}
        primary={
          <>
            <Segmented label="Density" value={rows} onChange={setDensity} options={[{ value: "normal", label: "Normal" }, { value: "compact", label: "Compact" }]} />
            <Segmented<ThemeChoice>
              label="Theme"
              value={choice}
              onChange={setTheme}
              options={[{ value: "system", label: "System" }, { value: "dark", label: "Dark" }, { value: "light", label: "Light" }]}
            />
          </>
        }
      />
      <Tabs
        label="Parts of the kit"
        active={part}
        items={parts.map((p) => ({ id: p.id, label: p.label, href: `#/kit?part=${p.id}` }))}
      />
      <div className="min-h-0 flex-1 overflow-auto bg-canvas">
        <Part />
      </div>
    </main>
  );
}
