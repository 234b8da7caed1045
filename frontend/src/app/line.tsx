import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Unplug } from "lucide-react";

import { clock } from "@/lib/format";
import { watcher, type Line } from "@/lib/watch";
import { Button } from "@/ui/button";

/** useLine is the state of the page's connection to limiquantix. */
export function useLine(): Line {
  const w = watcher();
  return useSyncExternalStore(w.subscribe, w.state);
}

/** How long a break may last before it is told: a restart is no news. */
const QUIET_MS = 1200;

/** LineBanner says that what is on the screen is old, while limiquantix does not answer. */
export function LineBanner() {
  const line = useLine();
  const [told, setTold] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setTold(line === "lost"), line === "lost" ? QUIET_MS : 0);
    return () => clearTimeout(timer);
  }, [line]);
  if (line === "refused") return <Banner>limiquantix does not take this page's token. It has a new one at each start: open the address that it printed, here or in a new tab.</Banner>;
  if (!told || line !== "lost") return null;
  return (
    <Banner action={<Button size="sm" onClick={watcher().tryNow}>Try now</Button>}>
      limiquantix does not answer. What you see is of {clock(new Date(watcher().lostAt()))}; it is tried again, less and less often, until it comes back. Tasks go on if it still runs.
    </Banner>
  );
}

function Banner({ action, children }: { action?: ReactNode; children: ReactNode }) {
  return (
    <div role="alert" className="flex shrink-0 items-center gap-2 border-b border-line bg-failed-soft px-3 py-1.5 text-failed">
      <Unplug size={14} aria-hidden className="shrink-0" />
      <span className="min-w-0 flex-1">{children}</span>
      {action}
    </div>
  );
}
