import type { Image } from "@/gen/limiquantix/v1/image_pb";
import { checkChecksum, checkName } from "@/lib/check";

/** ImageForm is what was typed about a new image. */
export interface ImageForm {
  source: string;
  checksum: string;
  host: string;
  pool: string;
  /** "": from the source's name. */
  name: string;
}

/** checkSource is core/image's rule: an absolute path, or one of the home directory (~/), on the computer where limiquantix runs, or an http(s) address. */
export function checkSource(source: string): string | undefined {
  const s = source.trim();
  if (s === "") return "Give a file's path or an http(s) address";
  if (/^https?:\/\//i.test(s)) return checkURL(s);
  if (s.includes("://")) return "Images are read from files and from http and https addresses";
  return /^~?\//.test(s) || /^[A-Za-z]:[\\/]/.test(s) ? undefined : "The path must be absolute, like /home/you/debian-12.qcow2";
}

function checkURL(s: string): string | undefined {
  try {
    const url = new URL(s);
    return url.username || url.password ? "An image's address must not hold a password: download it, then add the file" : undefined;
  } catch {
    return "The address is not valid";
  }
}

/** nameFrom is the last part of a source's path; "" while there is none. */
export function nameFrom(source: string): string {
  const s = source.trim();
  const path = /^https?:\/\//i.test(s) && URL.canParse(s) ? decoded(new URL(s).pathname) : s;
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** imageWrongs is what is wrong with a new image, by field. */
export function imageWrongs(f: ImageForm, images: readonly Image[]): Partial<Record<string, string>> {
  const name = f.name || nameFrom(f.source);
  const taken = images.some((i) => i.host === f.host && i.pool === f.pool && i.name === name);
  const all: Record<string, string | undefined> = {
    source: checkSource(f.source),
    checksum: checkChecksum(f.checksum),
    host: f.host ? undefined : "Choose a host",
    pool: f.pool ? undefined : "Choose a pool",
    name: (f.name === "" ? undefined : checkName(f.name)) ?? (taken ? `There is an image ${name} in pool ${f.pool} already` : undefined),
  };
  return Object.fromEntries(Object.entries(all).filter(([, wrong]) => wrong !== undefined));
}
