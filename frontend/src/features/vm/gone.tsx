import { Link } from "@tanstack/react-router";
import { MonitorX } from "lucide-react";

import { absolute } from "@/lib/format";
import { hostHref } from "@/lib/links";
import { useRemoval } from "@/lib/removal";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/feedback";

/** Gone is the page of a VM that is not there: whether it was removed, when and by what, and the way out. */
export function Gone({ host, uuid, name, hostKnown }: {
  host: string;
  uuid: string;
  /** What it was called when this page saw it last. */
  name: string | undefined;
  hostKnown: boolean;
}) {
  const removal = useRemoval("vm", host, uuid);
  const called = name || removal?.name;
  return (
    <div role="region" aria-label={called ? `VM ${called}` : "VM"} className="grid h-full place-items-center">
      <EmptyState icon={MonitorX} title={titleOf(called, host, hostKnown)} action={<Actions host={host} hostKnown={hostKnown} task={removal?.task?.id} />}>
        {removal && hostKnown ? (
          <>
            It was removed <Age at={removal.at} /> ({absolute(removal.at)}){" "}
            {removal.task ? <>by the task <bdi>{removal.task.title}</bdi>.</> : "by another program, such as virsh on the host: no task of limiquantix did it."}
          </>
        ) : hostKnown ? (
          "It was deleted or moved, or the address names another one."
        ) : (
          "It was removed from limiquantix, or the address was meant for another computer. Its VMs are where they were."
        )}
      </EmptyState>
    </div>
  );
}

function titleOf(name: string | undefined, host: string, hostKnown: boolean): string {
  if (!hostKnown) return `No host is called ${host}`;
  return name ? `VM ${name} is no longer on ${host}` : `There is no such VM on ${host}`;
}

function Actions({ host, hostKnown, task }: { host: string; hostKnown: boolean; task: string | undefined }) {
  return (
    <span className="flex flex-wrap justify-center gap-2">
      {task && <Button asChild><a href={`#/tasks/${encodeURIComponent(task)}`}>Show the task</a></Button>}
      {hostKnown && <Button asChild><a href={hostHref(host, "vms")}><span className="name max-w-60">{`VMs of ${host}`}</span></a></Button>}
      <Button asChild variant="primary"><Link to="/vms">Show all VMs</Link></Button>
    </span>
  );
}
