import { useId, useState, type KeyboardEvent } from "react";

import { localText, parseLocal, parseTyped, typedText } from "@/lib/moment";
import { Input } from "./input";

const FORMS = "Such as 2026-11-24 14:30, 14:30 or 3 h ago";

/**
 * MomentInput is a time with its label before it. It is text: a browser's own
 * field of time follows its locale, where the page has 24 hours everywhere, and
 * the window's web view has none. Enter, or leaving it, takes what was typed.
 */
export function MomentInput({ label, value, onChange, none = "" }: {
  label: string;
  /** What an empty field means: "now". */
  none?: string;
  /** As lib/moment.ts has it in the address; undefined: no time. */
  value: string | undefined;
  onChange: (text: string | undefined) => void;
}) {
  const told = useId();
  const [typed, setTyped] = useState<string>();
  const at = parseLocal(value);
  const wrong = typed !== undefined && typed.trim() !== "" && !parseTyped(typed);
  const take = () => {
    if (typed === undefined || wrong) return;
    const to = parseTyped(typed);
    setTyped(undefined);
    onChange(to && localText(to));
  };
  const key = (e: KeyboardEvent) => {
    if (e.key === "Enter") take();
    if (e.key === "Escape" && typed !== undefined) {
      e.stopPropagation();
      setTyped(undefined);
    }
  };
  return (
    <label className="relative flex items-center gap-2 text-table whitespace-nowrap text-fg-secondary">
      {label}
      <Input
        aria-label={label}
        aria-invalid={wrong || undefined}
        aria-describedby={wrong ? told : undefined}
        title={FORMS}
        placeholder={none}
        className="tabular-nums"
        boxClassName="w-42!"
        value={typed ?? (at ? typedText(at) : (value ?? ""))}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={key}
        onBlur={take}
      />
      {wrong && (
        <span id={told} className="absolute top-full right-0 z-10 mt-1 rounded-md border border-line bg-overlay px-2 py-1 text-failed shadow-overlay">
          {FORMS}
        </span>
      )}
    </label>
  );
}
