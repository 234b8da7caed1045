import { useQuery } from "@connectrpc/connect-query";
import { Link } from "@tanstack/react-router";
import { MonitorOff } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import { vmRef } from "@/lib/vm-actions";
import { Skeleton } from "@/ui/feedback";
import { useBlobUrl, useOnScreen } from "./use-picture";

/** Pictures are asked for so rarely: each is a call to the host. */
const EVERY_MS = 5000;

/** ScreenThumbnail is a small picture of a VM's screen, renewed while it can be seen. A click opens the console. */
export function ScreenThumbnail({ vm, away, known }: { vm: VM; away: string | undefined; known: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useOnScreen(box);
  const on = vm.state === VM_State.RUNNING || vm.state === VM_State.PAUSED;
  const wanted = on && !away && (!known || vm.graphics !== "");
  return (
    <div ref={box} className="relative aspect-[4/3] overflow-hidden rounded-lg border border-line bg-sunken">
      {wanted ? <Picture vm={vm} live={seen} /> : <Dark>{away ? "The host does not answer" : on ? "It has no screen" : "It is off"}</Dark>}
    </div>
  );
}

function Picture({ vm, live }: { vm: VM; live: boolean }) {
  const shot = useQuery(VMService.method.screenshotVM, { vm: vmRef(vm), maxWidth: 640 }, { enabled: live, staleTime: 0, gcTime: 60_000, refetchInterval: live ? EVERY_MS : false });
  const url = useBlobUrl(shot.data?.image);
  const [broken, setBroken] = useState<string>();
  if (!url) return shot.error ? <Dark>{problemOf(shot.error).message}</Dark> : <Skeleton className="size-full" />;
  if (broken === url) return <Dark>The picture cannot be shown</Dark>;
  return (
    <Link to="/vms/$host/$uuid/{-$tab}" params={{ host: vm.host, uuid: vm.uuid, tab: "console" }} aria-label={`Open the console of ${vm.name}`} title="Open the console" className="block size-full -outline-offset-2!">
      <img src={url} alt={`Screen of ${vm.name}`} onError={() => setBroken(url)} className={shot.error ? "size-full object-contain opacity-50" : "size-full object-contain"} />
    </Link>
  );
}

function Dark({ children }: { children: ReactNode }) {
  return (
    <div className="grid size-full place-content-center justify-items-center gap-2 px-4 text-center text-table text-fg-muted">
      <MonitorOff size={20} aria-hidden />
      {children}
    </div>
  );
}
