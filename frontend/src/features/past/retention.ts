import { bytes } from "@/lib/format";

const MOST_DAYS = 3650;
const LEAST_BYTES = 1n << 20n;
const MOST_BYTES = 1n << 40n;

/** retentionWrongs is what core/history refuses, by field; undefined is what cannot be read. */
export function retentionWrongs(days: number | undefined, size: bigint | undefined): { days?: string; bytes?: string } {
  const wrong: { days?: string; bytes?: string } = {};
  if (days === undefined || days < 1 || days > MOST_DAYS) wrong.days = `A whole number from 1 to ${MOST_DAYS}`;
  if (size === undefined) wrong.bytes = "A size, such as 256 MiB";
  else if (size < LEAST_BYTES || size > MOST_BYTES) wrong.bytes = `From ${bytes(LEAST_BYTES)} to ${bytes(MOST_BYTES)}`;
  return wrong;
}
