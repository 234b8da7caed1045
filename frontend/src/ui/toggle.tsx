import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox, RadioGroup as RadixRadio, Switch as RadixSwitch } from "radix-ui";
import { useId, type ReactNode } from "react";

import { cx } from "./cx";
import { useField, useFieldLabel } from "./field";

interface OnOff {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** Beside the box; the click on it counts. */
  label: string;
  /** Under the label. */
  hint?: ReactNode;
  disabled?: boolean;
}

const box =
  "grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-sunken text-fg-on-accent " +
  "data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent";

/** A box for one of several things, or for yes. */
export function Checkbox({ checked, onChange, label, hint, disabled, indeterminate, labelHidden }: OnOff & { indeterminate?: boolean; labelHidden?: boolean }) {
  const id = useId();
  const control = (
    <RadixCheckbox.Root
      id={id}
      checked={indeterminate ? "indeterminate" : checked}
      onCheckedChange={(c) => onChange(c === true)}
      disabled={disabled}
      aria-label={labelHidden ? label : undefined}
      className={cx(box, "disabled:opacity-50")}
    >
      <RadixCheckbox.Indicator>{indeterminate ? <Minus size={12} strokeWidth={3} /> : <Check size={12} strokeWidth={3} />}</RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
  return labelHidden ? control : <Labelled id={id} control={control} label={label} hint={hint} disabled={disabled} />;
}

/** For what acts at once, without a button. */
export function Switch({ checked, onChange, label, hint, disabled }: OnOff) {
  const id = useId();
  const control = (
    <RadixSwitch.Root
      id={id}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      className="mt-px h-4 w-7 shrink-0 rounded-full border border-line-strong bg-sunken data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
    >
      <RadixSwitch.Thumb className="block size-2.5 translate-x-0.5 rounded-full bg-fg-secondary transition-transform data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-fg-on-accent" />
    </RadixSwitch.Root>
  );
  return <Labelled id={id} control={control} label={label} hint={hint} disabled={disabled} />;
}

function Labelled({ id, control, label, hint, disabled }: { id: string; control: ReactNode; label: string; hint?: ReactNode; disabled?: boolean }) {
  return (
    <div className={cx("flex min-w-0 items-start gap-2", disabled && "text-fg-muted")}>
      <span className="flex h-5 items-center">{control}</span>
      <label htmlFor={id} className="min-w-0 text-body select-none">
        {label}
        {hint && <span className="block text-table text-fg-muted">{hint}</span>}
      </label>
    </div>
  );
}

/** One choice of a radio group. */
export interface RadioOption<V extends string> {
  value: V;
  label: string;
  hint?: ReactNode;
  disabled?: boolean;
}

/** One of a few that should all be seen. In a Field, the field's label names the group. */
export function RadioGroup<V extends string>({ value, onChange, options, label, row = false }: {
  value: V;
  onChange: (value: V) => void;
  options: readonly RadioOption<V>[];
  /** The group's name where no Field gives one. */
  label?: string;
  /** Beside each other. */
  row?: boolean;
}) {
  const id = useId();
  const labelId = useFieldLabel();
  return (
    <RadixRadio.Root
      {...useField()}
      aria-label={label}
      aria-labelledby={label ? undefined : labelId}
      value={value}
      onValueChange={(v) => onChange(options.find((o) => o.value === v)?.value ?? value)}
      className={cx("flex", row ? "flex-wrap gap-x-4 gap-y-1" : "flex-col gap-1.5")}
    >
      {options.map((o) => (
        <Labelled
          key={o.value}
          id={`${id}${o.value}`}
          label={o.label}
          hint={o.hint}
          disabled={o.disabled}
          control={
            <RadixRadio.Item
              id={`${id}${o.value}`}
              value={o.value}
              disabled={o.disabled}
              className="grid size-4 place-items-center rounded-full border border-line-strong bg-sunken data-[state=checked]:border-accent data-[state=checked]:bg-accent"
            >
              <RadixRadio.Indicator className="size-1.5 rounded-full bg-fg-on-accent" />
            </RadixRadio.Item>
          }
        />
      ))}
    </RadixRadio.Root>
  );
}

/** Two to five short choices side by side, of which one is on: units, ranges, views. */
export function Segmented<V extends string>({ value, onChange, options, label }: {
  value: V;
  onChange: (value: V) => void;
  options: readonly { value: V; label: string }[];
  label: string;
}) {
  return (
    <div
      role="radiogroup"
      aria-label={label}
      onKeyDown={(e) => {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
        const at = options.findIndex((o) => o.value === value);
        const next = by && options[(at + by + options.length) % options.length];
        if (!next) return;
        e.preventDefault();
        onChange(next.value);
        e.currentTarget.querySelectorAll("button")[options.indexOf(next)]?.focus();
      }}
      className="inline-flex h-(--control-sm) w-fit shrink-0 rounded-md border border-line bg-sunken p-px"
    >
      {options.map((o) => (
        <button
          key={o.value}
          type="button"
          role="radio"
          aria-checked={o.value === value}
          tabIndex={o.value === value ? 0 : -1}
          onClick={() => onChange(o.value)}
          className="rounded-sm px-2 text-table text-fg-secondary hover:text-fg aria-checked:bg-accent-soft aria-checked:text-accent-fg"
        >
          {o.label}
        </button>
      ))}
    </div>
  );
}
