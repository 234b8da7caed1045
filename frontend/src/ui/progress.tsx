import { bytes, duration, rate } from "@/lib/format";
import { cx } from "./cx";

/** What is done of what is to do, in bytes or in whole things. */
export interface Amount {
  done: number;
  /** 0: not known; the bar moves without saying how far. */
  total: number;
  /** In what both are counted; default bytes. */
  unit?: "bytes" | "count";
  /** Per second; 0 or absent: not told. */
  perSecond?: number;
}

/** "1.2 GiB of 4 GiB · 110 MiB/s · 26 s left", as much of it as is known. */
export function amountText({ done, total, unit = "bytes", perSecond = 0 }: Amount): string {
  const one = unit === "bytes" ? bytes : (n: number) => String(Math.round(n));
  const parts = [total > 0 ? `${one(done)} of ${one(total)}` : one(done)];
  if (perSecond > 0 && done < total) {
    if (unit === "bytes") parts.push(rate(perSecond));
    parts.push(`${duration(Math.ceil((total - done) / perSecond) * 1000)} left`);
  }
  return parts.join(" · ");
}

/** A bar with its amount, rate and time left below; `thin` is the bar alone, for rows. */
export function Progress({ amount, label, failed = false, thin = false, className }: {
  amount: Amount;
  /** What goes on: "Upload debian-12.qcow2". */
  label: string;
  failed?: boolean;
  thin?: boolean;
  className?: string;
}) {
  const known = amount.total > 0;
  const part = known ? Math.min(1, Math.max(0, amount.done / amount.total)) : 0;
  return (
    <div className={cx("min-w-0", className)}>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={known ? 100 : undefined}
        aria-valuenow={known ? Math.floor(part * 100) : undefined}
        aria-valuetext={amountText(amount)}
        className="h-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className={cx("h-full rounded-full", failed ? "bg-failed" : "bg-accent-line", !known && "w-1/3 animate-pulse")}
          style={known ? { width: `${part * 100}%` } : undefined}
        />
      </div>
      {!thin && <div className="mt-1 text-table text-fg-muted">{amountText(amount)}</div>}
    </div>
  );
}

/**
 * How full something is: used of total, with the parts at which it turns to
 * warning and failed. The words carry the state too.
 */
export function MeterBar({ used, total, label, unit = "bytes", warnAt = 0.8, fullAt = 0.95, compact = false }: {
  used: number;
  total: number;
  label: string;
  unit?: "bytes" | "count" | "percent";
  warnAt?: number;
  fullAt?: number;
  /** The bar and a percentage, for table cells. */
  compact?: boolean;
}) {
  const part = total > 0 ? used / total : 0;
  const level = part >= fullAt ? "full" : part >= warnAt ? "high" : "ok";
  const fill = { ok: "bg-accent-line", high: "bg-warning", full: "bg-failed" }[level];
  const one = { bytes, count: (n: number) => String(n), percent: (n: number) => `${Math.round(n)} %` }[unit];
  const text = unit === "percent" ? one(used) : `${one(used)} of ${one(total)}`;
  const bar = (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={used}
      aria-valuetext={text}
      className={cx("relative h-1.5 overflow-hidden rounded-full bg-line", compact && "min-w-8 flex-1")}
    >
      <div className={cx("h-full", fill)} style={{ width: `${Math.min(1, part) * 100}%` }} />
    </div>
  );
  const percent = `${Math.round(part * 100)} %`;
  if (compact) {
    return (
      <span className="flex w-full items-center gap-2">
        {bar}
        <span className={cx("w-9 text-right", level === "ok" ? "text-fg-secondary" : level === "high" ? "text-warning" : "text-failed")}>{percent}</span>
      </span>
    );
  }
  return (
    <div className="min-w-0">
      <div className="mb-1 flex justify-between gap-2 text-table">
        <span className="name text-fg-secondary">{label}</span>
        <span className={cx("whitespace-nowrap", level === "full" ? "text-failed" : level === "high" ? "text-warning" : "text-fg")}>
          {text}
          {unit !== "percent" && <span className="text-fg-muted"> · {percent}</span>}
        </span>
      </div>
      {bar}
    </div>
  );
}
