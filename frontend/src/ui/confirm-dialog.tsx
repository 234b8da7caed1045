import { useId, useState, type ReactNode } from "react";

import { Button } from "./button";
import { Dialog } from "./dialog";
import { FormErrors } from "./form";
import { Input } from "./input";

/**
 * Asks before a destructive act. Names the object, lists what goes with it,
 * and its button names the act. `typed`: the name must be typed, for what
 * can't be undone.
 */
export function ConfirmDialog({ open, onClose, title, children, goes = [], typed, act, onAct, busy = false, error }: {
  open: boolean;
  onClose: () => void;
  /** A question that names the object: "Delete VM web1?" */
  title: string;
  /** What will happen, in a sentence. */
  children?: ReactNode;
  /** What goes with it, one a line: "Volume web1.qcow2, 12 GiB, in pool default". */
  goes?: readonly ReactNode[];
  /** The name that must be typed before the button works. */
  typed?: string;
  /** Names the act: "Delete VM and 2 volumes". */
  act: string;
  onAct: () => void;
  busy?: boolean;
  error?: { message: string; hint?: string };
}) {
  const [name, setName] = useState("");
  const id = useId();
  const reason = typed !== undefined && name !== typed ? `Type ${typed} to confirm` : undefined;
  const close = () => {
    setName("");
    onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button variant="danger" busy={busy} disabledReason={reason} onClick={onAct}>
            {act}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 [overflow-wrap:anywhere]">
        {error && <FormErrors error={error} />}
        {children && <div>{children}</div>}
        {goes.length > 0 && (
          <div>
            <p className="mb-1 text-table font-medium text-fg-secondary">This goes with it:</p>
            <ul className="max-h-48 overflow-y-auto rounded-md border border-line bg-sunken py-1">
              {goes.map((g, i) => (
                <li key={i} className="px-2 py-0.5 text-table">
                  {g}
                </li>
              ))}
            </ul>
          </div>
        )}
        {typed !== undefined && (
          <div className="flex flex-col gap-1">
            <label htmlFor={id} className="text-table text-fg-secondary">
              This can't be undone. To confirm, type <bdi className="font-mono font-medium text-fg select-all">{typed}</bdi>
            </label>
            <Input id={id} mono value={name} autoFocus onChange={(e) => setName(e.target.value)} onKeyDown={(e) => e.key === "Enter" && !reason && !busy && onAct()} />
          </div>
        )}
      </div>
    </Dialog>
  );
}
