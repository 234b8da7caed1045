import { Link } from "@tanstack/react-router";
import { Activity, Database, Disc3, Gauge, Grid2x2, History, ListChecks, Monitor, Network, Server, Settings, ShieldCheck } from "lucide-react";

const PAGES = [
  { to: "/", label: "Dashboard", icon: Gauge },
  { to: "/hosts", label: "Hosts", icon: Server },
  { to: "/vms", label: "VMs", icon: Monitor },
  { to: "/storage/{-$host}/{-$pool}", label: "Storage", icon: Database },
  { to: "/networks/{-$host}/{-$network}", label: "Networks", icon: Network },
  { to: "/images", label: "Images", icon: Disc3 },
  { to: "/wall", label: "Console wall", icon: Grid2x2 },
  { to: "/tasks/{-$id}", label: "Tasks", icon: ListChecks },
  { to: "/events", label: "Events", icon: Activity },
  { to: "/history", label: "History", icon: History },
  { to: "/audit", label: "Audit", icon: ShieldCheck },
  { to: "/settings", label: "Settings", icon: Settings },
] as const;

/** Nav is the pages that are not one object's. */
export function Nav() {
  return (
    <nav aria-label="Pages" className="shrink-0 border-b border-line p-1">
      {PAGES.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === "/" }}
          className="flex h-6.5 items-center gap-2 rounded-md px-2 text-table text-fg-secondary hover:bg-raised hover:text-fg aria-[current=page]:bg-accent-soft aria-[current=page]:text-fg">
          <Icon size={14} aria-hidden className="text-fg-muted" />
          {label}
        </Link>
      ))}
    </nav>
  );
}
