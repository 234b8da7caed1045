/** The gap between tiles, and the height of what stands below a picture, in px. */
export const GAP = 8;
export const CAPTION = 44;
/** Widths that a tile may have, in px. */
export const SIZES = { least: 140, most: 480, usual: 240 };

/** Grid is how tiles are laid out. */
export interface Grid {
  columns: number;
  /** Of a tile, in px. */
  width: number;
  height: number;
}

/** gridOf lays out tiles of about a size in a space: as many as fit, as wide as they then can be. */
export function gridOf(space: number, size: number): Grid {
  const columns = Math.max(1, Math.floor((space + GAP) / (size + GAP)));
  const width = Math.max(SIZES.least / 2, Math.floor((space - GAP * (columns - 1)) / columns));
  return { columns, width, height: Math.round((width * 10) / 16) + CAPTION };
}

/** move is where a key leads to from a tile; undefined when it is no key of grids. */
export function move(key: string, at: number, count: number, columns: number): number | undefined {
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns, Home: 0, End: count - 1, PageUp: at - 3 * columns, PageDown: at + 3 * columns }[key];
  if (to === undefined) return undefined;
  return Math.min(count - 1, Math.max(0, to));
}

/** pixelsOf is how wide a picture is asked for: in steps, so that the slider asks for few different ones. */
export function pixelsOf(width: number, ratio: number): number {
  return Math.min(640, Math.ceil((width * ratio) / 160) * 160);
}
