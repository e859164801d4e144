/** A zoomed stretch in finer points. */

import type { MetricSeries } from "@/api/schema";
import type { Range } from "@/charts/lines";
import type { Curves } from "./increments";

export interface StretchAsk {
  since: number;
  until: number;
  names: readonly string[];
}

/** Of its width, on either side: lines go on to the edge. */
const MARGIN = 0.05;

/** In so many pieces a stretch that is still being trained is fetched. */
const PIECES = 10;

/** Null where what is there shows every point that there is. */
export function stretchAsk(
  range: Range | null,
  series: readonly MetricSeries[],
): StretchAsk | null {
  const thinned = series.filter(({ sampled }) => sampled);
  if (range === null || thinned.length === 0) return null;
  const margin = MARGIN * (range.to - range.from);
  return {
    since: Math.max(0, Math.floor(range.from - margin)),
    until: Math.max(0, Math.ceil(range.to + margin)),
    names: thinned.map(({ name }) => name),
  };
}

/** How many pieces of it the present attempt has done, for each name; null once nothing will change. */
export function doneOf(
  { since, until, names }: StretchAsk,
  { known, isFinal }: Pick<Curves, "known" | "isFinal">,
): readonly number[] | null {
  if (isFinal) return null;
  return names.map((name) => {
    const share = ((known[name] ?? 0) - since) / Math.max(1, until - since);
    return Math.floor(PIECES * Math.min(Math.max(share, 0), 1));
  });
}

/** The series with the finer points in the place of those between its first and its last. */
export function refined(
  series: readonly MetricSeries[],
  finer: readonly MetricSeries[],
): readonly MetricSeries[] {
  const found = new Map(finer.map((one) => [one.name, one]));
  return series.map((one) => {
    const more = found.get(one.name);
    return more === undefined || more.steps.length === 0 ? one : spliced(one, more);
  });
}

function spliced(one: MetricSeries, more: MetricSeries): MetricSeries {
  const from = more.steps[0] ?? 0;
  const to = more.steps.at(-1) ?? 0;
  const before = one.steps.filter((step) => step < from).length;
  const after = one.steps.filter((step) => step <= to).length;
  const both = <T>(mine: readonly T[], finer: readonly T[]) => [
    ...mine.slice(0, before),
    ...finer,
    ...mine.slice(after),
  ];
  return {
    ...one,
    steps: both(one.steps, more.steps),
    epochs: both(one.epochs, more.epochs),
    values: both(one.values, more.values),
    nonfinite: both(one.nonfinite, more.nonfinite),
  };
}
