import { CircleAlert } from "lucide-react";
import { createContext, use, useId, useMemo, type ReactNode } from "react";

import { cx } from "./cx";

interface Wiring {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const Context = createContext<Wiring | null>(null);

/** What a control inside a Field spreads on its element: id, description, validity. Empty outside of one. */
export function useField(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean; "aria-required"?: boolean } {
  const w = use(Context);
  if (!w) return {};
  return { id: w.id, "aria-describedby": w.describedBy, "aria-invalid": w.invalid || undefined, "aria-required": w.required || undefined };
}

/** The id of the Field's label, for controls that are no single element, such as a group; undefined outside of one. */
export function useFieldLabel(): string | undefined {
  const w = use(Context);
  return w ? `${w.id}l` : undefined;
}

/**
 * A label above one control, with its hint and error. Ids and aria are wired
 * to the control inside by useField, which all inputs here call.
 */
export function Field({ label, hint, error, required = false, optional = false, name, children, className }: {
  label: string;
  /** What to know before typing; one short sentence. */
  hint?: ReactNode;
  /** What is wrong; beside the field while typing. */
  error?: string;
  required?: boolean;
  /** Says "optional" beside the label: where most fields are required. */
  optional?: boolean;
  /** The field's name in the API ("nics[0].network"), for FormErrors to jump to. */
  name?: string;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  const invalid = error !== undefined && error !== "";
  const describedBy = [invalid && `${id}e`, hint && `${id}h`].filter(Boolean).join(" ") || undefined;
  const wiring = useMemo(() => ({ id, describedBy, invalid, required }), [id, describedBy, invalid, required]);
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)} data-field={name}>
      <label id={`${id}l`} htmlFor={id} className="text-table font-medium text-fg-secondary">
        {label}
        {optional && <span className="font-normal text-fg-muted"> (optional)</span>}
      </label>
      <Context value={wiring}>{children}</Context>
      {invalid && (
        <p id={`${id}e`} className="flex gap-1 text-table text-failed">
          <CircleAlert size={12} aria-hidden className="mt-0.5 shrink-0" />
          {error}
        </p>
      )}
      {hint && <p id={`${id}h`} className="text-table text-fg-muted">{hint}</p>}
    </div>
  );
}

/** Fields that belong together, under a small heading; columns from 1 to 3. */
export function FieldGroup({ title, columns = 1, children }: { title?: string; columns?: 1 | 2 | 3; children: ReactNode }) {
  const grid = { 1: "grid-cols-1", 2: "grid-cols-2", 3: "grid-cols-3" }[columns];
  return (
    <fieldset className="min-w-0">
      {title && <legend className="mb-2 text-body font-semibold text-fg">{title}</legend>}
      <div className={cx("grid items-start gap-x-4 gap-y-3", grid)}>{children}</div>
    </fieldset>
  );
}
