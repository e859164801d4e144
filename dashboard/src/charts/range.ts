import type { Range } from "./lines";

/** Fewer steps than this across a chart show nothing more. */
const NARROWEST = 4;

/** Inside the bounds; one as wide as they are is no zoom, and null. */
export function within(range: Range, bounds: Range): Range | null {
  const width = Math.max(range.to - range.from, NARROWEST);
  if (width >= bounds.to - bounds.from) return null;
  const from = Math.min(Math.max(range.from, bounds.from), bounds.to - width);
  return { from, to: from + width };
}

export function sameRange(one: Range | null, other: Range | null): boolean {
  return one === other || (one?.from === other?.from && one?.to === other?.to);
}

/** Wider or narrower by the factor, while what is at `at` stays where it is. */
export function zoomed(range: Range, factor: number, at: number, bounds: Range): Range | null {
  const width = range.to - range.from;
  const next = Math.max(width * factor, NARROWEST);
  const share = width === 0 ? 0.5 : (at - range.from) / width;
  const from = at - share * next;
  return within({ from, to: from + next }, bounds);
}

/** Moved along by a share of its own width. */
export function panned(range: Range, share: number, bounds: Range): Range | null {
  const by = (range.to - range.from) * share;
  return within({ from: range.from + by, to: range.to + by }, bounds);
}
