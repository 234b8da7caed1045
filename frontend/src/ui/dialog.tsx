import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useInsertionEffect, useRef, useState, type ReactNode } from "react";

import { Button, IconButton } from "./button";
import { cx } from "./cx";

/*
 * No Radix.Overlay: it brings react-remove-scroll, which writes a <style>
 * element, and the page's Content-Security-Policy forbids these. The frame
 * itself never scrolls, so a plain scrim is enough.
 */

/** What dialogs and sheets share. */
export interface SurfaceProps {
  open: boolean;
  /** Asked to close: by Esc, by the cross. A click outside never closes: nothing typed is lost by accident. */
  onClose: () => void;
  title: ReactNode;
  /** A sentence below the title. */
  description?: ReactNode;
  /** Something was typed: closing asks first. */
  dirty?: boolean;
  children: ReactNode;
  /** Buttons, the primary one last. */
  footer?: ReactNode;
}

const widths = { sm: "w-100", md: "w-140", lg: "w-200", xl: "w-280" };

/** A dialog in the middle, for a question or a short form. Widths: 400, 560, 800, 1120 px. */
export function Dialog({ size = "md", ...props }: SurfaceProps & { size?: keyof typeof widths }) {
  return (
    <Surface
      {...props}
      className={cx("top-[12vh] left-1/2 max-h-[80vh] -translate-x-1/2 rounded-lg border border-line", widths[size])}
    />
  );
}

/** A panel along the right side, full height, for what is looked at beside the page: the plan, details, long forms. */
export function Sheet({ wide = false, ...props }: SurfaceProps & { wide?: boolean }) {
  return <Surface {...props} className={cx("inset-y-0 right-0 border-l border-line", wide ? "w-220" : "w-sheet")} />;
}

function Surface({ open, onClose, title, description, dirty = false, children, footer, className }: SurfaceProps & { className: string }) {
  const [asking, setAsking] = useState(false);
  const opener = useRef<Element>(null);
  // Before the surface's own fields take the focus, which layout effects would be too late for.
  useInsertionEffect(() => {
    if (open) opener.current = openerOf(document.activeElement);
  }, [open]);
  const close = () => {
    if (dirty && !asking) return setAsking(true);
    setAsking(false);
    onClose();
  };
  return (
    <Radix.Root open={open} onOpenChange={(o) => !o && close()}>
      <Radix.Portal>
        {open && <div className="fixed inset-0 z-30 bg-scrim" />}
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onInteractOutside={(e) => e.preventDefault()}
          onOpenAutoFocus={focusInside}
          onCloseAutoFocus={(e) => {
            e.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          className={cx("fixed z-30 flex max-w-[calc(100vw-32px)] flex-col bg-overlay text-fg shadow-overlay outline-none", className)}
        >
          <header className="flex items-start gap-2 border-b border-line py-2.5 pr-2 pl-4">
            <div className="min-w-0 flex-1 pt-0.5">
              <Radix.Title className="text-title font-semibold [overflow-wrap:anywhere]">{title}</Radix.Title>
              {description && <Radix.Description className="text-table text-fg-secondary [overflow-wrap:anywhere]">{description}</Radix.Description>}
            </div>
            <IconButton icon={X} label="Close" shortcut="Esc" size="sm" onClick={close} />
          </header>
          <div data-surface-body className="min-h-0 flex-1 overflow-y-auto px-4 py-3">{children}</div>
          {asking ? (
            <AskDiscard onKeep={() => setAsking(false)} onDiscard={close} />
          ) : (
            footer && <footer data-surface-footer className="flex items-center justify-end gap-2 border-t border-line px-4 py-2.5">{footer}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Where the focus returns to: of a line of a menu, which is gone by then, the button of that menu. */
function openerOf(focused: Element | null): Element | null {
  const menu = focused?.closest('[role="menu"]');
  return menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : focused;
}

/** Focuses the first field, else the surface itself: never the cross, whose tip would take the first Esc. */
function focusInside(e: Event): void {
  e.preventDefault();
  const surface = e.currentTarget;
  if (!(surface instanceof HTMLElement) || surface.contains(document.activeElement)) return;
  (surface.querySelector<HTMLElement>("[data-surface-body] :is(input, textarea, [role=combobox]):not(:disabled)") ?? surface).focus();
}

function AskDiscard({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <footer role="alert" data-surface-footer className="flex items-center justify-end gap-2 border-t border-line bg-warning-soft px-4 py-2.5">
      <span className="flex-1">What you entered is not saved.</span>
      <Button onClick={onDiscard}>Discard it</Button>
      <Button variant="primary" autoFocus onClick={onKeep}>
        Keep editing
      </Button>
    </footer>
  );
}
