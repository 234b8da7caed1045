import { Button } from "./button";
import { Input } from "./input";
import type { ColumnDef } from "./table-columns";
import { choices, filterKind, parseRange, type Filters } from "./table-rows";

/** The filter of one column: words, a range, or some of its values. */
export function ColumnFilter<T>({ column, rows, value, onChange }: {
  column: ColumnDef<T>;
  rows: readonly T[];
  value: Filters[string] | undefined;
  onChange: (value: Filters[string] | undefined) => void;
}) {
  const kind = filterKind(column);
  if (kind === "choice") return <Choices column={column} rows={rows} value={value} onChange={onChange} />;
  const text = typeof value === "string" ? value : "";
  const range = kind === "number" || kind === "bytes";
  const wrong = range && text.trim() !== "" && !parseRange(text, kind === "bytes");
  const hint = range ? (kind === "bytes" ? ">4G, 512M..2G" : ">4, <=8, 1..4") : "";
  return (
    <div className="flex flex-col gap-2">
      <Input
        autoFocus
        aria-label={`${column.header} contains`}
        aria-invalid={wrong || undefined}
        placeholder={range ? hint : `Words in ${column.header.toLowerCase()}`}
        value={text}
        onChange={(e) => onChange(e.target.value)}
      />
      {range && <p className={wrong ? "text-table text-failed" : "text-table text-fg-muted"}>{wrong ? `Not a range: ${hint}` : `For example ${hint}`}</p>}
      <Button size="sm" className="self-end" disabled={text === ""} onClick={() => onChange(undefined)}>
        Clear
      </Button>
    </div>
  );
}

function Choices<T>({ column, rows, value, onChange }: {
  column: ColumnDef<T>;
  rows: readonly T[];
  value: Filters[string] | undefined;
  onChange: (value: Filters[string] | undefined) => void;
}) {
  const all = choices(rows, column);
  const stay = Array.isArray(value) ? value.map(String) : all.map((c) => c.text);
  const toggle = (text: string) => {
    // From "all", a press means "this one alone": the usual wish.
    const next = value === undefined ? [text] : stay.includes(text) ? stay.filter((t) => t !== text) : [...stay, text];
    onChange(next.length === 0 || next.length === all.length ? undefined : next);
  };
  return (
    <div className="flex flex-col gap-1">
      <div role="group" aria-label={column.header} className="max-h-64 overflow-y-auto">
        {all.map((c) => (
          <label key={c.text} className="flex min-h-6 items-center gap-2 text-table select-none">
            <input type="checkbox" className="check" checked={value !== undefined && stay.includes(c.text)} onChange={() => toggle(c.text)} />
            <span className="name flex-1">{c.text || "–"}</span>
            <span className="text-fg-muted">{c.rows.toLocaleString("en-US")}</span>
          </label>
        ))}
      </div>
      <Button size="sm" className="self-end" disabled={value === undefined} onClick={() => onChange(undefined)}>
        Clear
      </Button>
    </div>
  );
}

/** A filter in words: "State: running, paused". */
export function filterWords<T>(column: ColumnDef<T>, value: Filters[string]): string {
  return `${column.header}: ${typeof value === "string" ? value : value.map((v) => v || "–").join(", ")}`;
}
