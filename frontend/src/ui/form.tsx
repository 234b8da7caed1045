import { CircleAlert } from "lucide-react";
import { useEffect, useRef, type FormEvent, type ReactNode } from "react";

import { cx } from "./cx";

/** What the server said about a form: its sentence, what to do, and the field that it is about. */
export interface FormError {
  message: string;
  hint?: string;
  /** As in ErrorDetail: detail.field names the field. */
  detail?: Record<string, string>;
}

/** A form that sends itself on Enter and Ctrl+Enter and never reloads the page. */
export function Form({ onSubmit, children, className, id }: { onSubmit: () => void; children: ReactNode; className?: string; id?: string }) {
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onSubmit();
  };
  return (
    <form
      id={id}
      noValidate
      onSubmit={submit}
      onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && submit(e)}
      className={cx("flex flex-col gap-3", className)}
    >
      {children}
    </form>
  );
}

/**
 * The server's sentence and hint on top of a form, after sending. Takes the
 * focus when it appears, so that it is read; links to the field at fault.
 */
export function FormErrors({ error }: { error: FormError | undefined }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) ref.current?.focus();
  }, [error]);
  if (!error) return null;
  const field = error.detail?.field;
  return (
    <div ref={ref} role="alert" tabIndex={-1} className="flex gap-2 rounded-md border border-failed/60 bg-failed-soft px-3 py-2 outline-none">
      <CircleAlert size={14} aria-hidden className="mt-0.5 shrink-0 text-failed" />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{error.message}</p>
        {error.hint && <p className="text-table text-fg-secondary">{error.hint}</p>}
        {field && (
          <button type="button" className="text-table text-accent-fg hover:underline" onClick={() => focusField(ref.current, field)}>
            Go to the field
          </button>
        )}
      </div>
    </div>
  );
}

/** Focuses the control of the Field with this name, in the form or page around `near`. */
function focusField(near: HTMLElement | null, name: string): void {
  const around = near?.closest("form, [role=dialog]") ?? document;
  const field = [...around.querySelectorAll<HTMLElement>("[data-field]")].find((f) => f.dataset.field === name);
  field?.querySelector<HTMLElement>("input, textarea, button, [tabindex]")?.focus();
}
