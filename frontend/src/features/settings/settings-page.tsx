import { useQuery } from "@connectrpc/connect-query";
import { Settings } from "lucide-react";
import { useState, type ReactNode } from "react";

import { AppService } from "@/gen/limiquantix/v1/app_pb";
import { problemOf } from "@/lib/error";
import { notify } from "@/lib/notify";
import { local } from "@/lib/storage";
import { useStored } from "@/lib/stored";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { PropertyList, Section } from "@/ui/property-list";
import { Select } from "@/ui/select";
import { setDensity, setTheme, useDensity, useThemeChoice, type Density, type ThemeChoice } from "@/ui/theme";
import { Segmented } from "@/ui/toggle";

const THEMES: { value: ThemeChoice; label: string }[] = [
  { value: "system", label: "System" },
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
];
const DENSITIES: { value: Density; label: string }[] = [
  { value: "normal", label: "Normal" },
  { value: "compact", label: "Compact" },
];
const LAYOUTS = [
  { value: "us", label: "English (US)" },
  { value: "gb", label: "English (UK)" },
  { value: "de", label: "German" },
  { value: "fr", label: "French" },
];

/** SettingsPage is what one chooses for this computer. It holds nothing of hosts: these have pages of their own. */
export function SettingsPage() {
  const theme = useThemeChoice();
  const density = useDensity();
  const [layout, setLayout] = useStored("console.layout", "us");
  return (
    <div className="flex h-full flex-col">
      <PageHeader icon={Settings} name="Settings" />
      <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3 *:max-w-200">
        <Section title="Appearance">
          <Choice title="Theme" text="Dark, light, or as the desktop has it."><Segmented label="Theme" value={theme} options={THEMES} onChange={setTheme} /></Choice>
          <Choice title="Density" text="Height of rows and controls."><Segmented label="Density" value={density} options={DENSITIES} onChange={setDensity} /></Choice>
        </Section>
        <Section title="Consoles">
          <Choice title="Keyboard layout of guests" text="For text that is typed into a console from the clipboard. It must be the layout that the guest is set to.">
            <div className="w-44"><Select label="Keyboard layout of guests" value={layout} options={LAYOUTS} onChange={setLayout} /></div>
          </Choice>
        </Section>
        <Section title="This computer">
          <Remembered />
        </Section>
        <About />
      </div>
    </div>
  );
}

function Choice({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="flex items-center gap-6 py-1.5">
      <div className="min-w-0 flex-1">
        <p>{title}</p>
        <p className="text-table text-fg-secondary">{text}</p>
      </div>
      {children}
    </div>
  );
}

/** Remembered forgets columns, sizes and the like; not what hosts hold. */
function Remembered() {
  const [asking, setAsking] = useState(false);
  const forget = () => {
    for (const key of local.keys()) if (key.startsWith("limiquantix.")) local.removeItem(key);
    setAsking(false);
    notify({ kind: "done", title: "Sizes, columns and choices are as they were at first" });
    window.dispatchEvent(new Event("storage"));
  };
  return (
    <Choice title="Sizes and columns" text="Widths of panes, columns of tables, what was opened last. Remembered here only.">
      <Button onClick={() => setAsking(true)}>Forget them</Button>
      <ConfirmDialog open={asking} onClose={() => setAsking(false)} title="Forget sizes and columns?" act="Forget sizes and columns" onAct={forget}
        goes={["Theme, density and keyboard layout", "Widths of panes and columns, chosen columns, sorting", "Which objects were opened last"]}>
        Everything looks as on the first day. Hosts, VMs and tasks stay as they are.
      </ConfirmDialog>
    </Choice>
  );
}

function About() {
  const query = useQuery(AppService.method.getAbout, {});
  const about = query.data;
  return (
    <Section title="About">
      {query.error && <ErrorState compact error={problemOf(query.error)} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-24 w-full" />}
      {about && (
        <PropertyList label="About" items={[
          { label: "Version", value: about.version, copy: about.version },
          { label: "Runs on", value: `${about.computer} (${about.os}), as ${about.user}` },
          { label: "Inventory", value: about.home, copy: about.home, mono: true },
          ...(about.demo ? [{ label: "Hosts", value: "Simulated: this is the demo" }] : []),
        ]} />
      )}
    </Section>
  );
}
