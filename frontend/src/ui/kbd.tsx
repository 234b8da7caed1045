import { Fragment } from "react";

/** Keys as they are printed: keys="Ctrl+K" held together, keys="g v" one after the other. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex items-center gap-0.5 font-sans text-caption text-fg-muted">
      {keys.split(" ").map((chord, i) => (
        <Fragment key={i}>
          {i > 0 && " "}
          <kbd className="inline-flex h-4 min-w-4 items-center justify-center rounded-sm border border-line bg-raised px-1 font-sans text-caption text-fg-secondary">
            {chord}
          </kbd>
        </Fragment>
      ))}
    </span>
  );
}
