// Times as forms have them ("2026-03-01T14:30", by this computer's clock), as the
// address has them (the same), and as the API has them.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

/** localText is a time for a datetime-local field: to the second, by this computer's clock. */
export function localText(d: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(d.getFullYear()).padStart(4, "0")}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** parseLocal reads what such a field holds; undefined for what is no time. */
export function parseLocal(text: string | undefined): Date | undefined {
  if (!text || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)) return undefined;
  const d = new Date(text);
  // "2026-02-31" is a day of March to Date.
  return Number.isNaN(d.getTime()) || !localText(d).startsWith(text.slice(0, 16)) ? undefined : d;
}

/** stampOf is parseLocal for a request: its whole second, so that what happened in it is there. */
export function stampOf(text: string | undefined): Timestamp | undefined {
  const d = parseLocal(text);
  return d && timestampFromDate(new Date(Math.floor(d.getTime() / 1000) * 1000 + 999));
}
