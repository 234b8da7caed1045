import { ChevronsUpDown } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { useId, useRef, useState, type KeyboardEvent } from "react";

import { cx } from "./cx";
import { useField } from "./field";
import { controlBox } from "./input";
import { Listbox, step, type Option } from "./listbox";

/*
 * Not Radix.Select: its viewport writes a <style> element, which the page's
 * Content-Security-Policy forbids. The pattern is ARIA's select-only combobox.
 */

export interface SelectProps<V extends string> {
  value: V | undefined;
  onChange: (value: V) => void;
  options: readonly Option<V>[];
  /** Shown while nothing is chosen. */
  placeholder?: string;
  /** The control's name where no Field gives one. */
  label?: string;
  disabled?: boolean;
  /** 24 px, for toolbars. */
  small?: boolean;
  className?: string;
}

/** One of a list that is short enough to read. Arrows, Home, End, typing its first letters, Enter. */
export function Select<V extends string>({ value, onChange, options, placeholder = "Choose", label, disabled, small, className }: SelectProps<V>) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const typed = useRef({ text: "", at: 0 });
  const field = useField();
  const list = useId();
  const chosen = options.find((o) => o.value === value);

  const show = () => {
    setActive(Math.max(0, options.findIndex((o) => o.value === value)));
    setOpen(true);
  };
  const pick = (o: Option<V> | undefined) => {
    if (!o || o.disabledReason) return;
    onChange(o.value);
    setOpen(false);
  };
  const search = (key: string) => {
    const now = Date.now();
    typed.current = { text: (now - typed.current.at < 700 ? typed.current.text : "") + key.toLowerCase(), at: now };
    const found = options.findIndex((o) => !o.disabledReason && o.label.toLowerCase().startsWith(typed.current.text));
    if (found >= 0) setActive(found);
  };
  const keys = (e: KeyboardEvent) => {
    if (!open) {
      if (!["ArrowDown", "ArrowUp", "Enter", " "].includes(e.key)) return;
      e.preventDefault();
      return show();
    }
    const to = { ArrowDown: step(options, active, 1), ArrowUp: step(options, active, -1), Home: step(options, -1, 1), End: step(options, options.length, -1) }[e.key];
    if (to !== undefined) setActive(to);
    else if (e.key === "Enter" || e.key === " ") pick(options[active]);
    else if (e.key === "Tab") setOpen(false);
    else if (e.key.length === 1) search(e.key);
    if (e.key !== "Tab" && e.key !== "Escape") e.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={(o) => (o ? show() : setOpen(false))}>
      <Radix.Trigger
        {...field}
        type="button"
        role="combobox"
        disabled={disabled}
        aria-label={label}
        aria-haspopup="listbox"
        aria-controls={open ? list : undefined}
        aria-activedescendant={open ? `${list}-${active}` : undefined}
        onKeyDown={keys}
        className={cx(controlBox, "gap-2 px-2 text-left disabled:opacity-50", small && "h-(--control-sm)! text-table", className)}
      >
        {chosen?.icon && <span className="shrink-0 text-fg-muted">{chosen.icon}</span>}
        <span className={cx("name flex-1", !chosen && "text-fg-muted")}>{chosen?.label ?? placeholder}</span>
        <ChevronsUpDown size={13} aria-hidden className="shrink-0 text-fg-muted" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          role="presentation"
          align="start"
          sideOffset={3}
          collisionPadding={8}
          onOpenAutoFocus={(e) => e.preventDefault()}
          className="z-40 max-w-120 min-w-(--radix-popover-trigger-width) rounded-lg border border-line bg-overlay text-fg shadow-overlay"
        >
          <Listbox id={list} label={label} options={options} active={active} value={value} onActive={setActive} onPick={pick} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
