import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

import { cx } from "./cx";

/** A small surface beside the button that opens it: settings, a filter, a summary. Closes on Esc and a press elsewhere. */
export function Popover({ trigger, children, label, align = "start", open, onOpenChange, className }: {
  /** The button; takes a ref and props. */
  trigger: ReactNode;
  children: ReactNode;
  /** The surface's name for screen readers. */
  label: string;
  align?: "start" | "center" | "end";
  /** With onOpenChange: the caller holds the state. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={cx(
            "z-40 max-h-(--radix-popover-content-available-height) overflow-y-auto rounded-lg border border-line bg-overlay p-3 text-fg shadow-overlay outline-none",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
