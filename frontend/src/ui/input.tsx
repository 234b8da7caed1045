import type { LucideIcon } from "lucide-react";
import { useState, type ComponentProps, type KeyboardEvent, type ReactNode } from "react";

import { parseSize } from "@/lib/format";
import { cx } from "./cx";
import { useField } from "./field";

/** The box of every control that one types into or chooses from. */
export const controlBox =
  "flex h-(--control) w-full min-w-0 items-center rounded-md border border-line-strong/70 bg-sunken text-body text-fg " +
  "hover:border-line-strong focus-within:border-accent-line focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent-line " +
  "has-[[aria-invalid=true]]:border-failed has-[:disabled]:opacity-50";

export type InputProps = ComponentProps<"input"> & {
  icon?: LucideIcon;
  /** Behind the value, inside the box: "GiB", "vCPU". */
  unit?: ReactNode;
  /** Names, addresses, keys: what must be read exactly. */
  mono?: boolean;
  /** The class of the box; className is the input's. */
  boxClassName?: string;
};

/** One line of text. */
export function Input({ icon: Icon, unit, mono, boxClassName, className, ...props }: InputProps) {
  return (
    <span className={cx(controlBox, boxClassName)}>
      {Icon && <Icon size={14} aria-hidden className="ml-2 shrink-0 text-fg-muted" />}
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...useField()}
        {...props}
        className={cx("h-full w-full min-w-0 bg-transparent px-2 outline-none", mono && "font-mono text-table", className)}
      />
      {unit && <span className="shrink-0 pr-2 text-table text-fg-muted">{unit}</span>}
    </span>
  );
}

/** Several lines of text. */
export function Textarea({ mono, className, rows = 4, ...props }: ComponentProps<"textarea"> & { mono?: boolean }) {
  return (
    <textarea
      spellCheck={false}
      rows={rows}
      {...useField()}
      {...props}
      className={cx(controlBox, "h-auto! resize-y px-2 py-1.5 aria-invalid:border-failed", mono && "font-mono text-table", className)}
    />
  );
}

type Typed = Omit<InputProps, "value" | "onChange" | "defaultValue" | "type" | "min" | "max" | "step">;

export type NumberInputProps = Typed & {
  value: number | undefined;
  /** undefined while what is typed is no whole number. */
  onChange: (value: number | undefined) => void;
  min?: number;
  max?: number;
  step?: number;
};

/** A whole number; arrow up and down step it, within min and max. Out of range is the form's error, not ours. */
export function NumberInput({ value, onChange, min = 0, max = Number.MAX_SAFE_INTEGER, step = 1, onKeyDown, ...props }: NumberInputProps) {
  const typed = useTyped(value, value === undefined ? "" : String(value), (t) => (/^\d+$/.test(t) ? Number(t) : undefined), onChange);
  const keys = (e: KeyboardEvent<HTMLInputElement>) => {
    onKeyDown?.(e);
    const by = { ArrowUp: step, ArrowDown: -step }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    onChange(Math.min(max, Math.max(min, (value ?? min) + by)));
  };
  return <Input inputMode="numeric" role="spinbutton" aria-valuenow={value} aria-valuemin={min} aria-valuemax={max} {...props} {...typed} onKeyDown={keys} />;
}

export type SizeInputProps = Typed & {
  /** Bytes. */
  value: bigint | undefined;
  /** Bytes; undefined while what is typed is no size. */
  onChange: (value: bigint | undefined) => void;
  /** Unit of a bare number, shown in the field. */
  bare?: "MiB" | "GiB" | "TiB";
};

const unitBytes = { MiB: 1n << 20n, GiB: 1n << 30n, TiB: 1n << 40n };

/** A size: takes "4G", "4096 MiB", "1.5 TiB", or a bare number of its unit. */
export function SizeInput({ value, onChange, bare = "GiB", ...props }: SizeInputProps) {
  const typed = useTyped(value, value === undefined ? "" : sizeText(value, bare), (t) => parseSize(t, bare), onChange);
  return <Input unit={/[a-z]/i.test(typed.value) ? undefined : bare} {...props} {...typed} />;
}

/** Bytes as one would type them: a bare number where it is whole, or more than one and tenths, in its unit; else exactly in a smaller one. */
export function sizeText(size: bigint, bare: "MiB" | "GiB" | "TiB"): string {
  if (size % unitBytes[bare] === 0n) return String(size / unitBytes[bare]);
  const tenths = Number(size) / Number(unitBytes[bare]);
  if (tenths > 1 && Number.isInteger(tenths * 10)) return String(tenths);
  if (bare === "TiB" && size % unitBytes.GiB === 0n) return `${size / unitBytes.GiB} GiB`;
  if (size % unitBytes.MiB === 0n) return `${size / unitBytes.MiB} MiB`;
  return size % 1024n === 0n ? `${size / 1024n} KiB` : `${size} B`;
}

/** Keeps what is typed as it is typed, while the value goes up parsed; a value that changes from outside wins. */
function useTyped<V>(value: V | undefined, shown: string, parse: (text: string) => V | undefined, onChange: (value: V | undefined) => void) {
  const [draft, setDraft] = useState<string>();
  const text = draft !== undefined && parse(draft) === value ? draft : shown;
  return {
    value: value === undefined && draft !== undefined ? draft : text,
    onChange: (e: { target: { value: string } }) => {
      setDraft(e.target.value);
      onChange(parse(e.target.value.trim()));
    },
    onBlur: () => setDraft((d) => (d !== undefined && parse(d.trim()) === undefined ? d : undefined)),
  };
}
