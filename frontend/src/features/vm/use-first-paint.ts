import { useEffect, useState } from "react";

/**
 * useFirstPaint leaves a performance measure "NAME: first paint": from when a
 * list's rows were there (dataAt, in ms since 1970), or the page was opened where
 * that was later, until they are on the screen. bench/many-vms.bench.ts reads it.
 */
export function useFirstPaint(name: string, dataAt: number, shown: boolean): void {
  const [opened] = useState(() => performance.now());
  useEffect(() => {
    if (!shown) return;
    const start = Math.max(opened, dataAt - performance.timeOrigin);
    let timer: ReturnType<typeof setTimeout>;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => performance.measure(`${name}: first paint`, { start, end: performance.now() }));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    // Only the first rows count.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shown]);
}
