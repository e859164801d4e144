import uPlot from "uplot";
import type { Colour } from "./colours";

export interface Line {
  id: string;
  label: string;
  /** Ascending. */
  steps: readonly number[];
  /** As many as steps; null where the value was no number, and the line has a gap. */
  values: readonly (number | null)[];
  colour?: Colour | undefined;
}

export interface ReferenceLine {
  label: string;
  value: number;
  colour?: Colour | undefined;
}

export interface Range {
  from: number;
  to: number;
}

/** What uPlot draws: one list of steps, and a column for each line. */
export function aligned(lines: readonly Line[], log: boolean): uPlot.AlignedData {
  const tables = lines.map((line): uPlot.AlignedData => {
    const values = log ? line.values.map(positive) : [...line.values];
    return [[...line.steps], values];
  });
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

/** A logarithmic scale has no place for anything else. */
function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

/** The lines upon each other, the last one at the bottom; what is hidden adds nothing. */
export function stackedUp(
  data: uPlot.AlignedData,
  isHidden: (place: number) => boolean,
): uPlot.AlignedData {
  const [steps, ...columns] = data;
  const sums = Array.from(steps ?? [], () => 0);
  const stacked = columns.toReversed().map((column, fromBottom) => {
    if (isHidden(columns.length - 1 - fromBottom)) return [...column];
    return Array.from(column, (value, at) => {
      if (value == null) return value;
      const sum = (sums[at] ?? 0) + value;
      sums[at] = sum;
      return sum;
    });
  });
  return [[...(steps ?? [])], ...stacked.reverse()];
}

/** From the first step to the last; null where there is none. */
export function extentOf(lines: readonly Line[]): Range | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { steps } of lines) {
    from = Math.min(from, steps[0] ?? from);
    to = Math.max(to, steps.at(-1) ?? to);
  }
  return from > to ? null : { from, to };
}

/** A line with a stretch of it replaced by a finer sampling of that stretch. */
export function withFiner(line: Line, finer: Pick<Line, "steps" | "values">): Line {
  const from = finer.steps[0];
  const to = finer.steps.at(-1);
  if (from === undefined || to === undefined) return line;
  const before = line.steps.findIndex((step) => step >= from);
  const after = line.steps.findIndex((step) => step > to);
  const start = before === -1 ? line.steps.length : before;
  const end = after === -1 ? line.steps.length : after;
  return {
    ...line,
    steps: [...line.steps.slice(0, start), ...finer.steps, ...line.steps.slice(end)],
    values: [...line.values.slice(0, start), ...finer.values, ...line.values.slice(end)],
  };
}

export function lastValue(line: Line): number | null {
  return line.values.findLast((value) => value !== null) ?? null;
}
