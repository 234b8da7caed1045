import type { ReactNode } from "react";

/** FactTable is a short list of facts: no sorting, no selection. ends are the columns that stand at the end. */
export function FactTable({ label, head, ends, children }: { label: string; head: readonly string[]; ends: readonly number[]; children: readonly (readonly ReactNode[])[] }) {
  if (children.length === 0) return <p className="px-3 py-2 text-fg-muted">It does not tell of any.</p>;
  const side = (i: number) => (ends.includes(i) ? "text-right" : "text-left");
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full text-table">
        <thead>
          <tr className="text-fg-muted">
            {head.map((t, i) => (
              <th key={i} scope="col" className={`px-3 py-1.5 font-normal whitespace-nowrap ${side(i)}`}>{t}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {children.map((cells, r) => (
            <tr key={r} className="border-t border-line/60">
              {cells.map((c, i) => (
                <td key={i} className={`max-w-80 px-3 py-1.5 [overflow-wrap:anywhere] ${side(i)}`}>{c || c === 0 ? c : <span className="text-fg-muted">–</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
