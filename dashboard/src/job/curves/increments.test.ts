import { expect, test } from "vitest";
import type { MetricSeries } from "@/api/schema";
import {
  type Curves,
  joined,
  lastSteps,
  mergedSeries,
  nextAsk,
  type Standing,
  tagFor,
} from "./increments";

function series(name: string, steps: number[], values: (number | null)[] = steps): MetricSeries {
  return {
    name,
    steps,
    values,
    epochs: steps.map(() => 1),
    nonfinite: values.map((value) => (value === null ? "nan" : null)),
    sampled: false,
  };
}

function standing(steps: Record<string, number>, more: Partial<Standing> = {}): Standing {
  return { attempt: 1, steps, isOver: false, ...more };
}

function after(now: Standing, seen?: Curves, found: MetricSeries[] = []): Curves {
  const ask = nextAsk(seen, now);
  return joined(seen, { ask, series: found, tag: 'W/"j-1"' }, now);
}

test("the last steps are read of what the job last measured", () => {
  const last = { "train/loss": { value: 0.3, step: 90, epoch: 4 }, odd: null, "val/top1": {} };
  expect(lastSteps(last)).toEqual({ "train/loss": 90 });
});

test("at first everything is asked for", () => {
  expect(nextAsk(undefined, standing({ "train/loss": 90 }))).toEqual({
    names: ["train/loss"],
    since: 0,
  });
});

test("then only what has grown, from the last step that was known", () => {
  const seen = after(standing({ "train/loss": 90, "val/top1": 80 }));
  expect(nextAsk(seen, standing({ "train/loss": 110, "val/top1": 80 }))).toEqual({
    names: ["train/loss"],
    since: 90,
  });
});

test("a series that is new is asked for from its beginning", () => {
  const seen = after(standing({ "train/loss": 90 }));
  expect(nextAsk(seen, standing({ "train/loss": 110, "val/top1": 100 }))).toEqual({
    names: ["train/loss", "val/top1"],
    since: 0,
  });
});

test("without news the same is asked for again, with its tag", () => {
  const now = standing({ "train/loss": 90 });
  const seen = after(now);
  const ask = nextAsk(seen, now);
  expect(ask).toEqual({ names: ["train/loss"], since: 90 });
  expect(tagFor(seen, ask, now)).toBe('W/"j-1"');
});

test("a tag is not sent for a series that it was not of", () => {
  const first = after(standing({ "train/loss": 90, "val/top1": 80 }));
  const grown = after(standing({ "train/loss": 100, "val/top1": 80 }), first);
  const now = standing({ "train/loss": 100, "val/top1": 100 });
  const ask = nextAsk(grown, now);
  expect(ask).toEqual({ names: ["val/top1"], since: 80 });
  expect(tagFor(grown, ask, now)).toBeNull();
});

test("a new attempt is asked for whole until it has measured something itself", () => {
  const one = after(standing({ "train/loss": 700 }), undefined, [series("train/loss", [600, 700])]);
  const begun = standing({ "train/loss": 700 }, { attempt: 2 });
  const two = after(begun, one, [series("train/loss", [600, 700])]);
  expect(nextAsk(two, standing({ "train/loss": 720 }, { attempt: 2 }))).toEqual({
    names: ["train/loss"],
    since: 0,
  });
});

test("steps that are done again are asked for from where the attempt stands", () => {
  const begun = after(standing({ "train/loss": 700 }, { attempt: 2 }));
  const back = after(standing({ "train/loss": 510 }, { attempt: 2 }), begun);
  expect(nextAsk(back, standing({ "train/loss": 520 }, { attempt: 2 })).since).toBe(510);
});

test("the last request after the end asks for all that may have grown, without a tag", () => {
  const seen = after(standing({ "train/loss": 90, "val/top1": 80 }));
  const over = standing({ "train/loss": 90, "val/top1": 80 }, { isOver: true });
  const ask = nextAsk(seen, over);
  expect(ask).toEqual({ names: ["train/loss", "val/top1"], since: 80 });
  expect(tagFor(seen, ask, over)).toBeNull();
  const last = after(over, seen);
  expect(last.isFinal).toBe(true);
  expect(tagFor(last, nextAsk(last, over), over)).not.toBeNull();
});

test("a curve that has grown too long is thinned anew", () => {
  const steps = Array.from({ length: 2000 }, (_, step) => step);
  const now = standing({ "train/loss": 1999 });
  const seen = after(now, undefined, [series("train/loss", steps)]);
  const ask = nextAsk(seen, now);
  expect(ask.since).toBe(0);
  expect(tagFor(seen, ask, now)).toBeNull();
});

test("increments are put at the end, and the step they share has the later value", () => {
  const [one] = mergedSeries(
    [series("train/loss", [10, 20, 30], [3, 2, 1.5])],
    [series("train/loss", [30, 40], [1.4, null])],
    30,
  );
  expect(one?.steps).toEqual([10, 20, 30, 40]);
  expect(one?.values).toEqual([3, 2, 1.4, null]);
  expect(one?.nonfinite).toEqual([null, null, null, "nan"]);
});

test("a curve that has not changed is the same object as before", () => {
  const before = [series("train/loss", [10, 20, 30])];
  const merged = mergedSeries(before, [series("train/loss", [30])], 30);
  expect(merged[0]).toBe(before[0]);
});

test("a curve stays marked as sampled when a whole stretch is added to it", () => {
  const before = [{ ...series("train/loss", [10, 20]), sampled: true }];
  expect(mergedSeries(before, [series("train/loss", [20, 30])], 20)[0]?.sampled).toBe(true);
  expect(mergedSeries(before, [series("train/loss", [10, 30])], 0)[0]?.sampled).toBe(false);
});
