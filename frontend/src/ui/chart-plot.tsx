import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { seriesTokens, type ChartProps, type Shown } from "./chart";
import { axisSteps, timeSteps, timeText, valueText, withGaps } from "./chart-data";
import { token, useTheme } from "./theme";

type PlotProps = ChartProps & { height: number; onShown: (shown: Shown) => void };

/** The canvas of a Chart. Made anew when its shape or the theme changes; new samples are only put in. */
export function ChartPlot(props: PlotProps) {
  const { times, series, unit, sync, height, max, filled } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useTheme();
  const labels = series.map((s) => s.label).join("\n");
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const at = box.current;
    if (!at) return;
    const now = latest.current;
    const made = new uPlot(options(now, at.clientWidth, () => latest.current.onShown), withGaps(now.times, now.series.map((s) => s.values)), at);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [theme, labels, unit, sync, height, max, filled]);

  useEffect(() => {
    const p = plot.current;
    if (!p) return;
    const zoomed = zoomOf(p) !== undefined;
    p.setData(withGaps(times, series.map((s) => s.values)), !zoomed);
    if (zoomed) p.redraw();
  }, [times, series]);

  return <div ref={box} className="h-full w-full overflow-hidden" />;
}

function options({ series, unit, sync, height, max, filled }: PlotProps, width: number, onShown: () => (shown: Shown) => void): uPlot.Options {
  const [muted, grid, font] = [token("fg-muted"), token("line"), `11px ${token("font-sans") || '"Inter Variable", sans-serif'}`];
  const axis = { stroke: muted, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, gap: 4 };
  const tell = (u: uPlot) => {
    const at = u.cursor.idx === null || u.cursor.idx === undefined ? undefined : u.data[0][u.cursor.idx];
    onShown()({ ...zoomOf(u), at });
  };
  return {
    width,
    height,
    padding: [6, 26, 0, 0], // at the right, half of a time: the last one stands below the edge
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, uni: 8 },
      ...(sync ? { sync: { key: sync, scales: ["x", null] as [string, null] } } : {}),
    },
    scales: { x: { time: true, range: timeRange }, y: { range: (_u, _min, top) => [0, Math.max(max ?? 0, top > 0 ? top * (max === undefined ? 1.08 : 1) : 1)] } },
    axes: [
      { ...axis, size: 22, space: 64, incrs: timeSteps, values: (_u, splits, _i, _space, step) => splits.map((t) => timeText(t, step)) },
      { ...axis, size: 62, space: 28, incrs: axisSteps(unit), values: (_u, splits) => splits.map((v) => valueText(v, unit)) },
    ],
    series: [
      {},
      ...series.map((s, i) => {
        const colour = token(seriesTokens[i] ?? "chart-6");
        return { label: s.label, stroke: colour, width: 1.25, points: { show: false }, ...(filled ? { fill: `${colour}22` } : {}) };
      }),
    ],
    hooks: { setCursor: [tell], setScale: [(u, key) => key === "x" && tell(u)] },
  };
}

/** All times; of a single sample the minute before it, where uPlot would show years. */
function timeRange(_u: uPlot, min: number | null, max: number | null): [number | null, number | null] {
  return [min !== null && min === max ? min - 60 : min, max];
}

/** The times that are shown when it is not all of them. */
function zoomOf(u: uPlot): { from: number; to: number } | undefined {
  const { min, max } = u.scales.x ?? {};
  const [first, last] = [u.data[0][0], u.data[0].at(-1)];
  // Before the first drawing there are no limits yet: null, whatever the type says.
  if (typeof min !== "number" || typeof max !== "number" || first === undefined || last === undefined) return undefined;
  return min > first || max < last ? { from: min, to: max } : undefined;
}
