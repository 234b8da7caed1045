import { ChevronRight } from "lucide-react";
import { useState } from "react";

import { CopyButton } from "./copy-button";
import { cx } from "./cx";
import { diffCounts, parseDiff, type DiffLine } from "./diff";

const looks: Record<DiffLine["kind"], { row: string; sign: string; word: string }> = {
  same: { row: "text-fg-secondary", sign: " ", word: "" },
  added: { row: "bg-running-soft text-fg", sign: "+", word: "added: " },
  removed: { row: "bg-failed-soft text-fg", sign: "−", word: "removed: " },
};

/** A unified diff, folded to one line with its counts until it is opened. Added and removed have a sign and a word, not colour alone. */
export function DiffView({ diff, title = "Changes", open: first = false }: {
  /** Unified diff, as in Plan.Step.diff. */
  diff: string;
  /** What changes: "XML of web1". */
  title?: string;
  open?: boolean;
}) {
  const [open, setOpen] = useState(first);
  const hunks = parseDiff(diff);
  const { added, removed } = diffCounts(hunks);
  return (
    <div className="overflow-hidden rounded-md border border-line bg-sunken">
      <div className="flex items-center gap-2 pr-1">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex h-7 min-w-0 flex-1 items-center gap-1.5 px-2 text-left text-table -outline-offset-2!">
          <ChevronRight size={13} aria-hidden className={cx("shrink-0 text-fg-muted transition-transform", open && "rotate-90")} />
          <span className="name">{title}</span>
          <span className="text-running">+{added}</span>
          <span className="text-failed">−{removed}</span>
          <span className="sr-only">{`${added} lines added, ${removed} removed`}</span>
        </button>
        <CopyButton text={diff} label="Copy diff" />
      </div>
      {open && (
        <div tabIndex={0} role="region" aria-label={title} className="max-h-96 overflow-auto border-t border-line font-mono text-table -outline-offset-2!">
          <div className="w-max min-w-full py-1">
            {hunks.map((h, i) => (
              <div key={i}>
                <div className="px-2 text-caption text-fg-muted">{h.header}</div>
                {h.lines.map((l, j) => (
                  <div key={j} className={cx("flex pr-3 whitespace-pre", looks[l.kind].row)}>
                    <span aria-hidden className="w-9 shrink-0 pr-2 text-right text-fg-muted select-none">{l.new ?? l.old}</span>
                    <span aria-hidden className="w-4 shrink-0 select-none">{looks[l.kind].sign}</span>
                    {looks[l.kind].word && <span className="sr-only">{looks[l.kind].word}</span>}
                    {l.text || " "}
                  </div>
                ))}
              </div>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}
