import { useNavigate } from "@tanstack/react-router";
import { ClipboardCopy, Ellipsis, ExternalLink, LayoutGrid, MonitorPlay } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "@/lib/format";
import { vmHref } from "@/lib/links";
import { queryOfVMs, type VMRow } from "@/lib/query-vm";
import { power, remove, vmActions, type VMAction } from "@/lib/vm-actions";
import { unreachable } from "@/lib/vm-state";
import { Button, IconButton } from "@/ui/button";
import { copyText } from "@/ui/copy-button";
import { DropdownMenu, type MenuAction, type MenuItem } from "@/ui/menu";
import { labelMenu, vmIcons, vmMenu } from "@/ui/vm-menu";
import { copyItems } from "./page-actions";

/** Acts that stand in the bar as buttons; the others are in the menu behind them. */
const SHOWN: readonly VMAction["id"][] = ["start", "shutdown", "stop"];
const ORDER: readonly VMAction["id"][] = ["start", "resume", "shutdown", "reboot", "pause", "stop", "reset", "delete"];

/** Bulk is an act on several VMs: on those that it can be done to now. */
interface Bulk {
  id: VMAction["id"];
  label: string;
  danger: boolean;
  disabled: string | undefined;
  run: () => void;
}

/** bulkOf says what can be done to the chosen VMs, and to how many where that is not all. */
function bulkOf(rows: readonly VMRow[], hosts: readonly Host[]): Bulk[] {
  const byName = new Map(hosts.map((h) => [h.name, h]));
  const each = rows.map((r) => ({ vm: r.vm, actions: vmActions(r.vm, byName.get(r.vm.host)) }));
  return ORDER.flatMap((id) => {
    const acts = each.flatMap(({ vm, actions }) => actions.filter((a) => a.id === id).map((action) => ({ vm, action })));
    const first = acts[0]?.action;
    if (!first) return [];
    const can: VM[] = acts.filter((a) => a.action.disabled === undefined).map((a) => a.vm);
    const word = first.label.replace(/ …$/, "");
    return {
      id,
      label: can.length > 0 && can.length < rows.length ? `${word} ${can.length}` : first.label,
      danger: first.danger ?? false,
      disabled: can.length > 0 ? undefined : why(acts.map((a) => a.action.disabled)),
      run: () => void (id === "delete" ? remove(can) : power(can, id)),
    };
  });
}

/** awayOf is why the labels of the chosen VMs cannot be written: they are one task, for which all their hosts must answer. */
function awayOf(rows: readonly VMRow[], hosts: readonly Host[]): string | undefined {
  const named = new Set(rows.map((r) => r.vm.host));
  return hosts.filter((h) => named.has(h.name)).map(unreachable).find((why) => why !== undefined);
}

/** why says for what one reason none of them can; with several reasons, that there are several. */
function why(reasons: readonly (string | undefined)[]): string {
  const distinct = new Set(reasons);
  const [one] = distinct;
  return distinct.size === 1 && one ? one.replace(/^It is/, "None is").replace("None is not", "None is") : "None of them can now";
}

/** BulkActions is the bar of what can be done to the chosen VMs. */
export function BulkActions({ chosen, hosts }: { chosen: readonly VMRow[]; hosts: readonly Host[] }) {
  const navigate = useNavigate();
  const all = bulkOf(chosen, hosts);
  return (
    <>
      {all.filter((b) => SHOWN.includes(b.id)).map((b) => (
        <Button key={b.id} size="sm" icon={vmIcons[b.id]} disabledReason={b.disabled} onClick={b.run}>
          {b.label}
        </Button>
      ))}
      <Button size="sm" icon={LayoutGrid} onClick={() => void navigate({ to: "/wall", search: { q: queryOfVMs(chosen.map((r) => r.key)) } })}>
        Wall
      </Button>
      <DropdownMenu align="start" items={[...labelMenu(chosen.map((r) => r.vm), awayOf(chosen, hosts)), "line", ...all.filter((b) => !SHOWN.includes(b.id)).flatMap(items), "line", copyNames(chosen)]}>
        <IconButton size="sm" icon={Ellipsis} label="More for the selected VMs" />
      </DropdownMenu>
    </>
  );
}

function items(b: Bulk): MenuItem[] {
  const line: MenuAction = { id: b.id, label: b.label, icon: vmIcons[b.id], danger: b.danger, disabledReason: b.disabled, onSelect: b.run };
  return b.id === "delete" ? ["line", line] : [line];
}

function copyNames(rows: readonly VMRow[]): MenuItem {
  return { id: "copy-names", label: "Copy names", icon: ClipboardCopy, onSelect: () => void copyText(rows.map((r) => r.vm.name).join("\n")) };
}

/** menuOf is the menu of one row, or of all rows that are chosen. */
export function menuOf(rows: readonly VMRow[], hosts: readonly Host[]): MenuItem[] {
  const only = rows[0];
  if (!only) return [];
  if (rows.length > 1) return [{ title: plural(rows.length, "VM") }, ...bulkOf(rows, hosts).flatMap(items), "line", ...labelMenu(rows.map((r) => r.vm), awayOf(rows, hosts)), "line", copyNames(rows)];
  const { vm } = only;
  const go = (tab: string) => () => void (window.location.hash = vmHref(vm, tab));
  return [
    { id: "open", label: "Open", icon: ExternalLink, shortcut: "Enter", onSelect: go("") },
    { id: "console", label: "Open console", icon: MonitorPlay, onSelect: go("console") },
    "line",
    ...vmMenu(vm, hosts.find((h) => h.name === vm.host)),
    "line",
    ...copyItems(vm),
  ];
}
