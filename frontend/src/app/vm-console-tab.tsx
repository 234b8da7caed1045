import { useNavigate, useSearch } from "@tanstack/react-router";

import { ConsoleView } from "@/features/console/console-view";
import type { ConsoleTabProps } from "@/lib/slots";

/** VMConsoleTab is the console inside a VM's page. Which one is in the address, so that a reload shows it again. */
export function VMConsoleTab({ vm }: ConsoleTabProps) {
  const { serial } = useSearch({ from: "/frame/vms/$host/$uuid/{-$tab}" });
  const navigate = useNavigate();
  const asked = serial === undefined ? undefined : serial ? "serial" : "graphical";
  return (
    <ConsoleView
      key={`${vm.host}/${vm.uuid}`}
      host={vm.host}
      uuid={vm.uuid}
      asked={asked}
      onKind={(k) => void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: vm.host, uuid: vm.uuid, tab: "console" }, search: { serial: k === "serial" }, replace: true })}
    />
  );
}
