import { ChevronsUpDown, LoaderCircle } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { useId, useState, type KeyboardEvent } from "react";

import { cx } from "./cx";
import { useField } from "./field";
import { controlBox } from "./input";
import { Listbox, step, type Option } from "./listbox";

export interface ComboboxProps<V extends string> {
  value: V | undefined;
  onChange: (value: V) => void;
  /** With onSearch: what was found, shown as it is. Without: all of them, filtered here. */
  options: readonly Option<V>[];
  /** What is typed, for a search elsewhere; "" when it opens. */
  onSearch?: (text: string) => void;
  /** A search goes on. */
  loading?: boolean;
  /** The search failed, in a sentence. */
  error?: string;
  placeholder?: string;
  /** Said when nothing matches. */
  nothing?: string;
  label?: string;
  disabled?: boolean;
  className?: string;
}

/** One of many, found by typing. At most 100 are shown; the rest is found by typing more. */
export function Combobox<V extends string>(props: ComboboxProps<V>) {
  const { value, onChange, options, onSearch, loading = false, error, placeholder = "Search", nothing = "Nothing matches", label, disabled, className } = props;
  const [text, setText] = useState<string>();
  const [active, setActive] = useState(0);
  const list = useId();
  const open = text !== undefined;
  const found = (onSearch || !text ? options : options.filter((o) => matches(o, text))).slice(0, 100);

  const type = (t: string | undefined) => {
    setText(t);
    setActive(0);
    if (t !== undefined) onSearch?.(t);
  };
  const pick = (o: Option<V> | undefined) => {
    if (!o || o.disabledReason) return;
    onChange(o.value);
    setText(undefined);
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (open) setActive(step(found, active, e.key === "ArrowDown" ? 1 : -1));
      else type("");
    } else if (e.key === "Enter" && open) {
      e.preventDefault();
      pick(found[active]);
    } else if (e.key === "Escape" && open) {
      e.stopPropagation();
      setText(undefined);
    }
  };
  return (
    <Radix.Root open={open} onOpenChange={(o) => !o && setText(undefined)}>
      <Radix.Anchor asChild>
        <span className={cx(controlBox, className)}>
          <input
            {...useField()}
            role="combobox"
            aria-label={label}
            aria-expanded={open}
            aria-autocomplete="list"
            aria-controls={open ? list : undefined}
            aria-activedescendant={open && found.length > 0 ? `${list}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            disabled={disabled}
            placeholder={placeholder}
            value={text ?? options.find((o) => o.value === value)?.label ?? value ?? ""}
            onChange={(e) => type(e.target.value)}
            onClick={() => !open && type("")}
            onBlur={() => setText(undefined)}
            onKeyDown={keys}
            className="h-full w-full min-w-0 bg-transparent px-2 outline-none"
          />
          {loading ? <LoaderCircle size={13} aria-hidden className="mr-2 shrink-0 animate-spin text-fg-muted" /> : <ChevronsUpDown size={13} aria-hidden className="mr-2 shrink-0 text-fg-muted" />}
        </span>
      </Radix.Anchor>
      <Radix.Portal>
        <Radix.Content
          role="presentation"
          align="start"
          sideOffset={3}
          collisionPadding={8}
          onOpenAutoFocus={(e) => e.preventDefault()}
          onCloseAutoFocus={(e) => e.preventDefault()}
          className="z-40 max-w-120 min-w-(--radix-popover-trigger-width) rounded-lg border border-line bg-overlay text-fg shadow-overlay"
        >
          {found.length > 0 ? (
            <Listbox id={list} label={label} options={found} active={active} value={value} onActive={setActive} onPick={pick} />
          ) : (
            <p role="status" className={cx("px-3 py-2 text-table", error ? "text-failed" : "text-fg-muted")}>
              {error ?? (loading ? "Searching …" : nothing)}
            </p>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Every word that is typed stands somewhere in the option's label, value or group. */
export function matches(o: Option, text: string): boolean {
  const all = `${o.label} ${o.value} ${o.group ?? ""}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}
