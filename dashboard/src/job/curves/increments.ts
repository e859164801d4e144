/** Curves that grow: what to ask for next, and how an answer is joined to what is there. */
import type { MetricSeries } from "@/api/schema";

/** The last step of each series, by name, as the job tells it. */
export type Steps = Readonly<Record<string, number>>;

export interface Standing {
  attempt: number;
  steps: Steps;
  /** Nothing will be added. */
  isOver: boolean;
}

export interface Ask {
  names: readonly string[];
  since: number;
}

export interface Curves {
  series: readonly MetricSeries[];
  attempt: number;
  /** Up to where we have what this attempt did. */
  known: Steps;
  /** What it found when it began; it goes back behind that to its checkpoint. */
  found: Steps;
  /** What the tag is of: it says nothing about more than that. */
  asked: Ask;
  tag: string | null;
  isFinal: boolean;
}

/** Points of a curve when it is first drawn: about two for three pixels. */
export const MOST_POINTS = 500;
/** Longer than this it has grown so far that it is thinned anew. */
const TOO_LONG = 3 * MOST_POINTS;

/** The last step of every series that a job has, of its `last`. */
export function lastSteps(last: Readonly<Record<string, unknown>>): Steps {
  const steps: Record<string, number> = {};
  for (const [name, entry] of Object.entries(last)) {
    const { step } = Object(entry);
    if (typeof step === "number") steps[name] = step;
  }
  return steps;
}

export function nextAsk(seen: Curves | undefined, now: Standing): Ask {
  const whole = { names: Object.keys(now.steps), since: 0 };
  if (seen === undefined || seen.attempt !== now.attempt) return whole;
  if (seen.series.some(({ steps }) => steps.length > TOO_LONG)) return whole;
  const grown = whole.names.filter((name) => seen.known[name] !== now.steps[name]);
  // Without news the same once more: the tag makes it cheap, and the job may be older than it.
  const names = now.isOver ? whole.names : grown.length > 0 ? grown : seen.asked.names;
  return { names, since: Math.min(...names.map((name) => safeStep(name, seen, now))) };
}

/** All before this is settled; 0 where that is not known. */
function safeStep(name: string, seen: Curves, now: Standing): number {
  const known = seen.known[name] ?? 0;
  const isBack = (now.steps[name] ?? 0) < known;
  return isBack ? 0 : known;
}

/** The tag of the last answer, if it covers what is asked now. */
export function tagFor(seen: Curves | undefined, ask: Ask, now: Standing): string | null {
  if (seen === undefined || seen.attempt !== now.attempt) return null;
  if (now.isOver && !seen.isFinal) return null;
  if (seen.series.some(({ steps }) => steps.length > TOO_LONG)) return null;
  const covered = new Set(seen.asked.names);
  const isCovered = ask.since >= seen.asked.since && ask.names.every((name) => covered.has(name));
  return isCovered ? seen.tag : null;
}

interface News {
  ask: Ask;
  series: readonly MetricSeries[];
  tag: string | null;
}

export function joined(seen: Curves | undefined, news: News, now: Standing): Curves {
  const same = seen !== undefined && seen.attempt === now.attempt;
  // A first attempt finds nothing; of a later one nobody knows yet how far back it goes.
  const found = same ? seen.found : now.attempt > 1 ? now.steps : {};
  const known: Record<string, number> = same ? { ...seen.known } : {};
  for (const name of news.ask.names) {
    const step = now.steps[name];
    if (step !== undefined && (step !== found[name] || now.isOver)) known[name] = step;
  }
  const before = same ? seen.series : [];
  return {
    series: mergedSeries(before, news.series, news.ask.since),
    attempt: now.attempt,
    known,
    found,
    asked: news.ask,
    tag: news.tag,
    isFinal: now.isOver,
  };
}

export function mergedSeries(
  before: readonly MetricSeries[],
  news: readonly MetricSeries[],
  since: number,
): MetricSeries[] {
  const merged = new Map(before.map((series) => [series.name, series]));
  for (const series of news) {
    const mine = merged.get(series.name);
    merged.set(series.name, mine === undefined ? series : extended(mine, series, since));
  }
  return [...merged.values()].sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** All from `since` on is as the news say, for a step that was done again has another value. */
function extended(mine: MetricSeries, news: MetricSeries, since: number): MetricSeries {
  const end = mine.steps.findIndex((step) => step >= since);
  const kept = end === -1 ? mine.steps.length : end;
  if (isTail(mine, news, kept)) return mine;
  return {
    name: mine.name,
    steps: [...mine.steps.slice(0, kept), ...news.steps],
    epochs: [...mine.epochs.slice(0, kept), ...news.epochs],
    values: [...mine.values.slice(0, kept), ...news.values],
    nonfinite: [...mine.nonfinite.slice(0, kept), ...news.nonfinite],
    sampled: news.sampled || (kept > 0 && mine.sampled),
  };
}

/** Then the object stays the same, and no chart is drawn anew. */
function isTail(mine: MetricSeries, news: MetricSeries, kept: number): boolean {
  return (
    mine.steps.length - kept === news.steps.length &&
    news.steps.every((step, place) => step === mine.steps[kept + place]) &&
    news.values.every((value, place) => value === mine.values[kept + place])
  );
}
