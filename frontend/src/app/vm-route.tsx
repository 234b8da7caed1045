import { lazy } from "react";

import { VMPage } from "@/features/vm/vm-page";
import { ConsoleTabSlot } from "@/lib/slots";

// noVNC and the terminal come with the first console that is shown.
const ConsoleTab = lazy(() => import("./vm-console-tab").then((m) => ({ default: m.VMConsoleTab })));

/** VMRoute is a VM's page with its console, which is another feature, put into it. */
export function VMRoute() {
  return (
    <ConsoleTabSlot value={ConsoleTab}>
      <VMPage />
    </ConsoleTabSlot>
  );
}
