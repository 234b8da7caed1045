import { useHost } from "@/lib/inventory";
import { date } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { Age } from "./age";

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
