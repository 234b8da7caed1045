/** The path of a sparkline: x counts samples, y runs from `height` - 1 (0) to 1 (max). What is not known is a gap; over max is cut. */
export function sparkPath(values: readonly (number | null)[], max: number, height: number): string {
  let path = "";
  let pen = false;
  const room = height - 2;
  for (const [x, v] of values.entries()) {
    if (v === null || !Number.isFinite(v)) {
      pen = false;
      continue;
    }
    const part = max > 0 ? Math.min(1, Math.max(0, v / max)) : 0;
    path += `${pen ? "L" : "M"}${x} ${Math.round((height - 1 - part * room) * 10) / 10}`;
    pen = true;
  }
  // A single point would not be drawn at all.
  return values.filter((v) => v !== null && Number.isFinite(v)).length === 1 ? `${path}h0` : path;
}

const height = 16;

/**
 * The last samples of one figure, oldest first, for a table cell. `max` is the top of
 * the scale and the same in a whole column (100 for percent), so that rows compare.
 * Decoration beside the number unless it has a label.
 */
export function Sparkline({ values, max, label, slots = 60, width = 64 }: {
  values: readonly (number | null)[];
  max: number;
  label?: string;
  /** How many samples are the whole width: few stand at the right. */
  slots?: number;
  width?: number;
}) {
  const from = Math.min(0, values.length - slots);
  return (
    <svg
      width={width}
      height={height}
      viewBox={`${from} 0 ${slots - 1} ${height}`}
      preserveAspectRatio="none"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      className="shrink-0 text-chart-1"
    >
      <path d={sparkPath(values, max, height)} fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
