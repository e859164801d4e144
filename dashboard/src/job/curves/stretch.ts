/** A zoomed stretch in finer points. The service takes a first step and no last one: the rest is cut. */

import type { MetricSeries } from "@/api/schema";
import type { Range } from "@/charts/lines";
import { MOST_POINTS } from "./increments";

export interface StretchAsk {
  since: number;
  maxPoints: number;
  names: readonly string[];
}

/** The most that the service gives of one series. */
const MOST_OF_ALL = 10_000;

/** Null where what is there shows every point that there is. */
export function stretchAsk(
  range: Range | null,
  series: readonly MetricSeries[],
): StretchAsk | null {
  const thinned = series.filter(({ sampled }) => sampled);
  if (range === null || thinned.length === 0) return null;
  const end = Math.max(...thinned.map(({ steps }) => steps.at(-1) ?? 0));
  const since = Math.max(0, Math.floor(range.from));
  const width = Math.max(1, range.to - since);
  // Points are thinned over all that follows, so a share of them falls into the stretch.
  const share = Math.max(width, end - since) / width;
  // By powers of two: a run that goes on must not ask anew for what it has.
  const needed = MOST_POINTS * 2 ** Math.ceil(Math.log2(share));
  return {
    since,
    maxPoints: Math.min(MOST_OF_ALL, needed),
    names: thinned.map(({ name }) => name),
  };
}

/** What is in the range, and one point beyond it, so that lines go on to the edge. */
export function cut(series: MetricSeries, range: Range): MetricSeries {
  const beyond = series.steps.findIndex((step) => step > range.to);
  const end = beyond === -1 ? series.steps.length : beyond + 1;
  return {
    ...series,
    steps: series.steps.slice(0, end),
    epochs: series.epochs.slice(0, end),
    values: series.values.slice(0, end),
    nonfinite: series.nonfinite.slice(0, end),
  };
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
