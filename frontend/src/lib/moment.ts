// Times as the address has them ("2026-03-01T14:30", by this computer's clock), as
// people type them ("2026-03-01 14:30"), and as the API has them.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

/** localText is a time as the address has it: to the second, by this computer's clock. */
export function localText(d: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(d.getFullYear()).padStart(4, "0")}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** parseLocal reads what the address holds; undefined for what is no time. */
export function parseLocal(text: string | undefined): Date | undefined {
  if (!text || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)) return undefined;
  const d = new Date(text);
  // "2026-02-31" is a day of March to Date.
  return Number.isNaN(d.getTime()) || !localText(d).startsWith(text.slice(0, 16)) ? undefined : d;
}

const AGO: Record<string, number> = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/** typedText is a time as it stands in a field, in 24 hours in every locale: "2026-03-01 14:30", with seconds where there are any. */
export function typedText(d: Date): string {
  return localText(d).replace("T", " ").replace(/:00$/, "");
}

/** parseTyped reads "2026-03-01 14:30", "2026-03-01", "14:30" (of today) and "3 h" or "2 d ago"; undefined for what is no time. */
export function parseTyped(text: string, now = new Date()): Date | undefined {
  const t = text.trim();
  const [, count, unit = ""] = /^(\d{1,5}) ?(min|h|d)( ago)?$/.exec(t) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (AGO[unit] ?? 0));
  if (/^\d{1,2}:\d{2}$/.test(t)) return parseLocal(`${localText(now).slice(0, 10)}T${t.padStart(5, "0")}`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(t)) return parseLocal(`${t}T00:00`);
  return parseLocal(t.replace(/ +/, "T"));
}

/** stampOf is parseLocal for a request: its whole second, so that what happened in it is there. */
export function stampOf(text: string | undefined): Timestamp | undefined {
  const d = parseLocal(text);
  return d && timestampFromDate(new Date(Math.floor(d.getTime() / 1000) * 1000 + 999));
}
