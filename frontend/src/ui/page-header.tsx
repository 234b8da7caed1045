import { ChevronDown, ChevronRight, type LucideIcon } from "lucide-react";
import { Fragment, type ReactNode } from "react";

import { Age } from "./age";
import { Button } from "./button";
import { cx } from "./cx";
import { DropdownMenu, type MenuItem } from "./menu";
import { StateBadge, type StateKind } from "./state";

/** A step of a path; without href it is only named. */
export interface Crumb {
  label: string;
  href?: string;
}

/** Where an object lives: "Hosts › kvm1". */
export function Breadcrumb({ path }: { path: readonly Crumb[] }) {
  return (
    <nav aria-label="Where it lives" className="flex min-w-0 items-center gap-1 text-table text-fg-muted">
      {path.map((c, i) => (
        <Fragment key={i}>
          {i > 0 && <ChevronRight size={12} aria-hidden className="shrink-0" />}
          {c.href ? (
            <a href={c.href} className="name max-w-60 hover:text-fg hover:underline">
              {c.label}
            </a>
          ) : (
            <span className="name max-w-60">{c.label}</span>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

/** The head of every object's page: icon, name, state, where it lives, age, primary action, actions menu. Always in this place. */
export function PageHeader({ icon: Icon, name, state, path = [], seen, stale = false, primary, actions = [], children }: {
  icon: LucideIcon;
  name: string;
  state?: { kind: StateKind; word: string };
  path?: readonly Crumb[];
  /** When what is shown was true; told when it is stale. */
  seen?: Date;
  stale?: boolean;
  /** The primary action: one Button, or a few. */
  primary?: ReactNode;
  /** All that can be done, under "Actions". */
  actions?: readonly MenuItem[];
  /** Badges and tags behind the state. */
  children?: ReactNode;
}) {
  return (
    <header className="flex min-h-13 shrink-0 items-center gap-3 border-b border-line bg-panel px-4 py-1.5">
      <Icon size={20} aria-hidden className="shrink-0 text-fg-muted" />
      <div className="min-w-0 flex-1">
        {path.length > 0 && <Breadcrumb path={path} />}
        <div className="flex min-w-0 items-center gap-3">
          <h1 className="name text-heading font-semibold" title={name}>
            {name}
          </h1>
          {state && <StateBadge state={state.kind} word={state.word} stale={stale} className="shrink-0" />}
          {stale && <Age at={seen} stale className="text-table" />}
          {children}
        </div>
      </div>
      <div className="flex shrink-0 items-center gap-2">
        {primary}
        {actions.length > 0 && (
          <DropdownMenu items={actions}>
            <Button data-page-actions>
              Actions
              <ChevronDown size={13} aria-hidden className="-mr-1" />
            </Button>
          </DropdownMenu>
        )}
      </div>
    </header>
  );
}

/** A row of controls above content. */
export function Toolbar({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    <div role="toolbar" aria-label={label} className={cx("flex min-h-10 shrink-0 items-center gap-2 border-b border-line bg-panel px-3", className)}>
      {children}
    </div>
  );
}
