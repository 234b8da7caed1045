import type { Timestamp } from "@bufbuild/protobuf/wkt";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** bytes is "1.5 GiB": binary units, three digits. */
export function bytes(n: number | bigint): string {
  let x = Number(n);
  if (!Number.isFinite(x)) return "–";
  let unit = 0;
  while (Math.abs(x) >= 1024 && unit < UNITS.length - 1) {
    x /= 1024;
    unit++;
  }
  if (unit > 0 && Math.abs(x) >= 999.5 && unit < UNITS.length - 1) {
    x /= 1024;
    unit++;
  }
  return `${digits(x, unit)} ${UNITS[unit]}`;
}

function digits(x: number, unit: number): string {
  if (unit === 0) return String(Math.round(x));
  const text = Math.abs(x) >= 99.95 ? x.toFixed(0) : Math.abs(x) >= 9.995 ? x.toFixed(1) : x.toFixed(2);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** rate is "1.5 MiB/s". */
export function rate(n: number | bigint): string {
  return `${bytes(n)}/s`;
}

/** percent is "42 %", "0.4 %". */
export function percent(x: number): string {
  if (!Number.isFinite(x) || x < 0) return "–";
  return `${x > 0 && x < 9.95 ? x.toFixed(1).replace(/\.0$/, "") : Math.round(x)} %`;
}

/** count is "10,000". */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** plural is "1 VM", "10,000 VMs". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** date turns a time of the API into a Date; undefined when it is absent. */
export function date(t: Timestamp | undefined): Date | undefined {
  return t && Number(t.seconds) > 0 ? new Date(Number(t.seconds) * 1000 + t.nanos / 1e6) : undefined;
}

/** age is "now", "12 s", "4 min", "3 h", "5 d": how long ago d was. */
export function age(d: Date, now: number = Date.now()): string {
  const s = Math.max(0, Math.round((now - d.getTime()) / 1000));
  if (s < 3) return "now";
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** ago is age as words: "just now", "4 min ago". */
export function ago(d: Date, now?: number): string {
  const a = age(d, now);
  return a === "now" ? "just now" : `${a} ago`;
}

/** duration of milliseconds: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function duration(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${Math.max(0, s).toFixed(1).replace(/\.0$/, "")} s`;
  if (s < 60) return `${Math.round(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** absolute is a date with its time, in the local zone. */
export function absolute(d: Date): string {
  return ABSOLUTE.format(d);
}

/** clock is the time of day alone. */
export function clock(d: Date): string {
  return CLOCK.format(d);
}

const SIZE = /^\s*([0-9]+(?:[.,][0-9]+)?)\s*([kmgtp]?)(i?b|b)?\s*$/i;

/**
 * parseSize reads "4G", "4096 MiB", "1.5 TiB", "512" (of `unit`) as bytes; as on
 * the command line, all units are binary. undefined for what is none.
 */
export function parseSize(text: string, unit: (typeof UNITS)[number] = "B"): bigint | undefined {
  const m = SIZE.exec(text);
  if (!m?.[1]) return undefined;
  const letter = (m[2] ?? "").toUpperCase();
  const power = letter ? "KMGTP".indexOf(letter) + 1 : m[3] ? 0 : UNITS.indexOf(unit);
  const value = Number(m[1].replace(",", ".")) * 1024 ** power;
  return Number.isSafeInteger(Math.round(value)) ? BigInt(Math.round(value)) : undefined;
}
