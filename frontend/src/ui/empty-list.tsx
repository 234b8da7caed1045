import { Plus, Server, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { useHosts } from "@/lib/inventory";
import { lackOf } from "@/lib/vm-state";
import { Button } from "./button";
import { EmptyState } from "./feedback";

/**
 * EmptyList stands in an empty list of what hosts hold, and offers the one act
 * that helps: the list's own where a host can be asked, else what leads to one.
 */
export function EmptyList({ icon, what, action, children }: {
  icon: LucideIcon;
  /** What would be here: "pools". */
  what: string;
  /** A Button that makes the first. */
  action?: ReactNode;
  /** One sentence: what would be here. */
  children: ReactNode;
}) {
  const { data, hosts } = useHosts();
  const lack = data && lackOf(hosts);
  if (lack === "hosts")
    return (
      <EmptyState icon={Server} title={`No ${what}: there is no host yet`} action={<Way to="#/hosts?add=true" icon={Plus}>Add a host</Way>}>
        {children}
      </EmptyState>
    );
  if (lack === "live")
    return (
      <EmptyState icon={Server} title={`No ${what} known: no host is connected`} action={<Way to="#/hosts">See the hosts</Way>}>
        {children}
      </EmptyState>
    );
  return (
    <EmptyState icon={icon} title={`No ${what} yet`} action={action}>
      {children}
    </EmptyState>
  );
}

/** useNoHost says why nothing can be made on any host now; undefined when it can. */
export function useNoHost(): string | undefined {
  const { data, hosts } = useHosts();
  const lack = data && lackOf(hosts);
  return lack && { hosts: "There is no host yet: add one first", live: "No host is connected" }[lack];
}

function Way({ to, icon: Icon, children }: { to: string; icon?: LucideIcon; children: ReactNode }) {
  return (
    <Button variant="primary" asChild>
      <a href={to}>
        {Icon && <Icon size={14} aria-hidden />}
        {children}
      </a>
    </Button>
  );
}
