import { useRef, type KeyboardEvent, type ReactNode } from "react";

import { cx } from "./cx";

/** A tab of a page. It has an address, so that back, forward and a second window work. */
export interface TabItem {
  id: string;
  label: string;
  /** "#/vms/kvm1/UUID/xml". */
  href: string;
  /** How many things are in it; told from 0 on. */
  count?: number;
  /** A mark that something in it needs a look, in words. */
  alert?: string;
}

/** The tabs of an object's page: links. Arrow keys move between them. */
export function Tabs({ items, active, label, children }: {
  items: readonly TabItem[];
  active: string;
  /** "Parts of web1". */
  label: string;
  /** At the right end. */
  children?: ReactNode;
}) {
  const bar = useRef<HTMLElement>(null);
  const keys = (e: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    const links = [...(bar.current?.querySelectorAll<HTMLAnchorElement>("a") ?? [])];
    const at = links.findIndex((l) => l === document.activeElement);
    if (by === undefined || at < 0) return;
    e.preventDefault();
    links[(at + by + links.length) % links.length]?.focus();
  };
  return (
    <div className="flex h-9 shrink-0 items-stretch border-b border-line bg-panel px-2">
      <nav ref={bar} aria-label={label} onKeyDown={keys} className="flex min-w-0 flex-1 items-stretch overflow-x-auto">
        {items.map((t) => (
          <a
            key={t.id}
            href={t.href}
            aria-current={t.id === active ? "page" : undefined}
            className={cx(
              "relative flex shrink-0 items-center gap-1.5 px-2.5 -outline-offset-2!",
              t.id === active
                ? "text-fg after:absolute after:inset-x-1.5 after:bottom-0 after:h-0.5 after:rounded-full after:bg-accent-line"
                : "text-fg-secondary hover:text-fg",
            )}
          >
            {t.label}
            {t.count !== undefined && <span className="text-table text-fg-muted">{t.count}</span>}
            {t.alert && <span role="img" aria-label={t.alert} title={t.alert} className="size-1.5 rounded-full bg-warning" />}
          </a>
        ))}
      </nav>
      {children && <div className="flex items-center gap-1">{children}</div>}
    </div>
  );
}
