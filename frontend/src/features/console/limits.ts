/** The largest screen that is shown, each way and in all. */
export const MAX_SIDE = 8192;
export const MAX_PIXELS = 40_000_000;
/** The largest clipboard text that passes, in bytes. */
export const MAX_CUT_TEXT = 1 << 20;
/** The largest picture of a pointer, each way. */
export const MAX_CURSOR = 512;
/** The longest name that a server gives its desktop, in bytes. */
export const MAX_NAME = 64 << 10;
/** A screen may change its size so often in ten seconds. */
const MAX_RESIZES = 60;

/** screenFault says what is wrong with a screen's size; undefined when nothing is. */
export function screenFault(width: number, height: number): string | undefined {
  if (width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS) return undefined;
  return `it claims a size of ${width} × ${height} pixels`;
}

/** rectFault says what is wrong with a part of the picture; undefined when it lies on the screen. */
export function rectFault(r: { x: number; y: number; width: number; height: number }, screen: { width: number; height: number }): string | undefined {
  if (r.x + r.width <= screen.width && r.y + r.height <= screen.height) return undefined;
  return "it draws beside its own screen";
}

/** cutTextSize is the size of a clipboard text from its signed header field. Source: rfbproto, ServerCutText. */
export function cutTextSize(header: Uint8Array): { bytes: number; extended: boolean } {
  const length = new DataView(header.buffer, header.byteOffset).getInt32(3);
  return { bytes: Math.abs(length), extended: length < 0 };
}

/** Resizes counts changes of size: each costs the page a copy of the picture. */
export class Resizes {
  private times: number[] = [];

  /** tooMany counts one at a time in milliseconds. */
  tooMany(now: number): boolean {
    this.times = [...this.times.filter((t) => now - t < 10_000), now];
    return this.times.length > MAX_RESIZES;
  }
}

/**
 * inflateText unpacks the text of an extended clipboard message: zlib, in it
 * the length as 32 bits, then UTF-8 with a NUL at its end. It reads no more than
 * the limit, whatever the stream would give. Errors: what is too long or broken.
 * Source: rfbproto, Extended Clipboard, "provide".
 */
export async function inflateText(packed: Uint8Array<ArrayBuffer>, limit = MAX_CUT_TEXT): Promise<string> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  let all = new Uint8Array(0);
  let want = 4;
  try {
    while (all.length < want) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the clipboard text is cut off");
      const next = new Uint8Array(all.length + value.length);
      next.set(all);
      next.set(value, all.length);
      all = next;
      if (want === 4 && all.length >= 4) want = 4 + new DataView(all.buffer).getUint32(0);
      if (want > 4 + limit) throw new Error("the clipboard text is too long");
    }
  } finally {
    // The stream may be broken behind what was read: that is no matter.
    reader.cancel().catch(() => undefined);
  }
  const text = new TextDecoder().decode(all.subarray(4, want));
  return text.replace(/\0$/, "").replaceAll("\r\n", "\n");
}
