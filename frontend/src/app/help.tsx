import { useActiveShortcuts, type Shortcut } from "@/lib/shortcut";
import { Dialog } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";

const GROUPS: Shortcut["group"][] = ["Everywhere", "Go to", "This page"];

const IN_TABLES = [
  { keys: "j", label: "Next row (also arrow keys)" },
  { keys: "k", label: "Row before" },
  { keys: "x", label: "Select (also Space; Shift for a range)" },
  { keys: "Enter", label: "Open" },
  { keys: "/", label: "Filter" },
  { keys: "Alt+↓", label: "On a column's head: filter (Enter sorts, Shift+← → width)" },
  { keys: "Esc", label: "Clear the selection; close the topmost thing" },
];

/** Help is all shortcuts that work now: "?". */
export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const active = useActiveShortcuts();
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" size="lg">
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {GROUPS.map((g) => {
          const list = active.filter((s) => s.group === g);
          return list.length > 0 && <Group key={g} title={g} list={list} />;
        })}
        <Group title="In tables" list={IN_TABLES} />
      </div>
    </Dialog>
  );
}

function Group({ title, list }: { title: string; list: { keys: string; label: string }[] }) {
  return (
    <section>
      <h3 className="pb-1 font-medium">{title}</h3>
      <dl>
        {list.map((s) => (
          <div key={s.keys} className="flex h-7 items-center justify-between gap-4 border-t border-line">
            <dt className="text-fg-secondary">{s.label}</dt>
            <dd><Kbd keys={s.keys} /></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
