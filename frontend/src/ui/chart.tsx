import { lazy, Suspense, useState } from "react";

import { statsOf, summary, timeText, valueText, type ChartSeries, type ChartUnit } from "./chart-data";
import { cx } from "./cx";
import { Skeleton } from "./feedback";

// uPlot comes with the first chart that is shown.
const Plot = lazy(() => import("./chart-plot").then((m) => ({ default: m.ChartPlot })));

export interface ChartProps {
  title: string;
  /** Seconds since 1970, rising. */
  times: readonly number[];
  /** At most 6. Keep the arrays while nothing changed. */
  series: readonly ChartSeries[];
  unit: ChartUnit;
  /** Charts of one page with the same key share the time cursor and the zoom. */
  sync?: string;
  /** Pixels of the plot; default 140. */
  height?: number;
  /** Top of the scale, such as 100 for percent; default: what is needed. */
  max?: number;
  /** Filled down to zero: for one series. */
  filled?: boolean;
}

/** What of a chart is shown now: the zoom in seconds, and the sample under the cursor. */
export interface Shown {
  from?: number;
  to?: number;
  at?: number;
}

/** The colour of each series, in order; tokens of theme.css. */
export const seriesTokens = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"];
const dots = ["bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5", "bg-chart-6"];

/** Lines over time: gaps stay gaps, nothing is smoothed. Drag zooms, double click shows all. */
export function Chart(props: ChartProps) {
  const { title, times, series, unit, height = 140 } = props;
  const [shown, setShown] = useState<Shown>({});
  const words = summary(title, times, series, unit, (t) => timeText(t, 60));
  return (
    <figure className="@container min-w-0">
      <figcaption className="mb-1 flex h-5 items-center gap-2 text-body font-medium">
        <span className="name flex-1">{title}</span>
        {shown.at !== undefined && <span className="text-table font-normal text-fg-muted">{timeText(shown.at, 1)}</span>}
      </figcaption>
      <div role="img" aria-label={words} style={{ height }}>
        {times.length === 0 ? (
          <p className="grid h-full place-items-center rounded-md bg-sunken text-table text-fg-muted">No samples yet</p>
        ) : (
          <Suspense fallback={<Skeleton className="h-full w-full" />}>
            <Plot {...props} height={height} onShown={setShown} />
          </Suspense>
        )}
      </div>
      <Legend {...props} shown={shown} />
    </figure>
  );
}

// Wide enough for any value: nothing moves when the cursor does.
const widths: Record<ChartUnit, string> = { percent: "w-12", count: "w-14", bytes: "w-16", rate: "w-17" };
const narrow = "hidden @min-[360px]:table-cell";

function Legend({ times, series, unit, shown }: ChartProps & { shown: Shown }) {
  const at = shown.at === undefined ? undefined : nearest(times, shown.at);
  return (
    <table className="mt-1 w-full table-fixed text-caption whitespace-nowrap">
      <thead className="text-fg-muted">
        <tr>
          <td />
          {[at === undefined ? "Last" : "Then", "Min", "Avg", "Max"].map((h, n) => (
            <th key={h} scope="col" className={cx("text-right font-normal", widths[unit], n === 1 && narrow)}>{h}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map((s, i) => {
          const f = statsOf(times, s.values, shown.from, shown.to);
          const now = at === undefined ? s.values.at(-1) : s.values[at];
          const cells = [now, f?.min, f?.avg, f?.max];
          return (
            <tr key={s.label} className="text-fg-secondary">
              <th scope="row" className="font-normal">
                <span className="flex items-center gap-1.5">
                  <span aria-hidden className={`h-0.5 w-2.5 shrink-0 rounded-full ${dots[i] ?? ""}`} />
                  <span className="name">{s.label}</span>
                </span>
              </th>
              {cells.map((v, n) => (
                <td key={n} className={cx("text-right", n === 0 && "text-fg", n === 1 && narrow)}>
                  {v === null || v === undefined ? "–" : valueText(v, unit)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The index of the sample nearest to a time. */
function nearest(times: readonly number[], at: number): number | undefined {
  let best: number | undefined;
  for (const [i, t] of times.entries()) if (best === undefined || Math.abs(t - at) < Math.abs((times[best] ?? 0) - at)) best = i;
  return best;
}
