import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { date } from "@/lib/format";
import { useHost } from "@/lib/inventory";
import { unreachable } from "@/lib/vm-state";
import { Age } from "./age";
import { StateBadge, type StateKind } from "./state";

/** HostName is a row's host as a link; of one that is away with the age of what is shown, and why. */
export function HostName({ name, href }: { name: string; href: string }) {
  const host = useHost(name);
  const away = host && unreachable(host);
  return (
    <>
      <a className="name min-w-0 hover:underline" href={href} title={away}>{name}</a>
      {away && <Age at={date(host.seen)} stale className="ml-2 shrink-0 text-caption" />}
    </>
  );
}

/** RowState is the state of something on a host: not shown as live while that is away. */
export function RowState({ host: name, state: { kind, word } }: { host: string; state: { kind: StateKind; word: string } }) {
  const host = useHost(name);
  return <StateBadge state={kind} word={word} stale={host !== undefined && host.state !== Host_State.LIVE} />;
}
