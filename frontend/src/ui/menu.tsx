import { Check, ChevronRight, type LucideIcon } from "lucide-react";
import { ContextMenu as RadixContext, DropdownMenu as RadixDropdown } from "radix-ui";
import type { ReactNode } from "react";

import { cx } from "./cx";
import { Kbd } from "./kbd";

/** One line of a menu. */
export interface MenuAction {
  id: string;
  label: string;
  onSelect: () => void;
  icon?: LucideIcon;
  /** Shown at the right: "Ctrl+C". The menu does not listen to it. */
  shortcut?: string;
  /** Why it cannot be done now; the line stays and says so. */
  disabledReason?: string;
  /** Destroys something. */
  danger?: boolean;
  /** For what is on or off; shows a tick. */
  checked?: boolean;
}

/** A menu inside a menu. */
export interface SubMenu {
  id: string;
  label: string;
  icon?: LucideIcon;
  items: readonly MenuItem[];
}

/** What a menu is made of; "line" separates, { title } heads a group. */
export type MenuItem = MenuAction | SubMenu | { title: string } | "line";

type Parts = typeof RadixDropdown | typeof RadixContext;

const surface =
  "z-40 max-h-(--radix-popper-available-height) max-w-96 min-w-44 overflow-y-auto rounded-lg border border-line bg-overlay p-1 text-fg shadow-overlay";
const line =
  "flex min-h-7 items-center gap-2 rounded-md px-2 py-1 text-body outline-none select-none data-[highlighted]:bg-accent-soft data-[state=open]:bg-accent-soft";

/** A menu that its child, a button, opens. Not modal: a press elsewhere counts there. */
export function DropdownMenu({ items, align = "end", children }: {
  items: readonly MenuItem[];
  align?: "start" | "end";
  /** The button; takes a ref and props. */
  children: ReactNode;
}) {
  return (
    <RadixDropdown.Root modal={false}>
      <RadixDropdown.Trigger asChild>{children}</RadixDropdown.Trigger>
      <RadixDropdown.Portal>
        <RadixDropdown.Content align={align} sideOffset={4} collisionPadding={8} className={surface}>
          <Items items={items} parts={RadixDropdown} />
        </RadixDropdown.Content>
      </RadixDropdown.Portal>
    </RadixDropdown.Root>
  );
}

/** A menu on right click, the menu key or Shift+F10 on its child. `items` is asked when it opens. */
export function ContextMenu({ items, children, onOpenChange }: {
  items: () => readonly MenuItem[];
  children: ReactNode;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <RadixContext.Root modal={false} onOpenChange={onOpenChange}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content collisionPadding={8} className={surface}>
          <LazyItems items={items} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

function LazyItems({ items }: { items: () => readonly MenuItem[] }) {
  return <Items items={items()} parts={RadixContext} />;
}

function Items({ items, parts }: { items: readonly MenuItem[]; parts: Parts }) {
  return items.map((item, i) => {
    if (item === "line") return <parts.Separator key={i} className="-mx-1 my-1 h-px bg-line" />;
    if ("title" in item) return <parts.Label key={i} className="px-2 pt-1 pb-0.5 text-caption font-medium text-fg-muted">{item.title}</parts.Label>;
    if ("items" in item) return <Sub key={item.id} sub={item} parts={parts} />;
    return <Action key={item.id} action={item} parts={parts} />;
  });
}

function Sub({ sub, parts }: { sub: SubMenu; parts: Parts }) {
  return (
    <parts.Sub>
      <parts.SubTrigger className={line}>
        <Icon icon={sub.icon} />
        <span className="flex-1">{sub.label}</span>
        <ChevronRight size={14} aria-hidden className="text-fg-muted" />
      </parts.SubTrigger>
      <parts.Portal>
        <parts.SubContent className={surface} collisionPadding={8}>
          <Items items={sub.items} parts={parts} />
        </parts.SubContent>
      </parts.Portal>
    </parts.Sub>
  );
}

function Action({ action, parts }: { action: MenuAction; parts: Parts }) {
  const off = action.disabledReason !== undefined;
  // Not Radix' disabled: the line would be skipped by the keyboard, and its reason never read.
  const select = (e: Event) => (off ? e.preventDefault() : action.onSelect());
  return (
    <parts.Item
      onSelect={select}
      aria-disabled={off || undefined}
      {...(action.checked === undefined ? {} : { role: "menuitemcheckbox", "aria-checked": action.checked })}
      className={cx(line, action.danger && !off && "text-failed data-[highlighted]:bg-failed-soft")}
    >
      <Icon icon={action.icon} tick={action.checked} off={off} />
      <span className="min-w-0 flex-1">
        <span className={cx("block [overflow-wrap:anywhere]", off && "text-fg-muted")}>{action.label}</span>
        {off && <span className="block text-caption text-fg-muted">{action.disabledReason}</span>}
      </span>
      {action.shortcut && <Kbd keys={action.shortcut} />}
    </parts.Item>
  );
}

function Icon({ icon: Mark, tick, off }: { icon?: LucideIcon; tick?: boolean; off?: boolean }) {
  const Shown = tick === undefined ? Mark : Check;
  return (
    <span className={cx("grid size-4 shrink-0 place-items-center text-fg-muted", off && "opacity-50")}>
      {Shown && tick !== false && <Shown size={14} aria-hidden />}
    </span>
  );
}
