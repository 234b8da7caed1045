import { useEffect, useState } from "react";

import { absolute, ago } from "@/lib/format";
import { cx } from "./cx";
import { Tooltip } from "./tooltip";

/** "4 min ago" that keeps itself right; the absolute time on hover and focus. Nothing when `at` is unknown. */
export function Age({ at, stale = false, className }: {
  at: Date | undefined;
  /** The data is of then and may be wrong by now: shown in the colour of unknown. */
  stale?: boolean;
  className?: string;
}) {
  const now = useNow(at);
  if (!at) return null;
  return (
    <Tooltip content={absolute(at)}>
      <time dateTime={at.toISOString()} className={cx("whitespace-nowrap", stale ? "text-unknown" : "text-fg-muted", className)}>
        {ago(at, now)}
      </time>
    </Tooltip>
  );
}

/** The time now, renewed every second for what is younger than a minute, else every half minute. */
function useNow(at: Date | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  const young = at !== undefined && now - at.getTime() < 60_000;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), young ? 1000 : 30_000);
    return () => clearInterval(timer);
  }, [young]);
  return now;
}
