import { expect, test } from "vitest";
import type { MetricSeries } from "@/api/schema";
import { doneOf, refined, stretchAsk } from "./stretch";

function series(steps: number[], more: Partial<MetricSeries> = {}): MetricSeries {
  const nothing = steps.map(() => null);
  return {
    name: "train/loss",
    steps,
    values: steps.map((step) => step / 10),
    epochs: nothing,
    nonfinite: nothing,
    sampled: true,
    ...more,
  };
}

test("nothing is asked for where every point is there already", () => {
  expect(stretchAsk({ from: 0, to: 10 }, [series([0, 100], { sampled: false })])).toBeNull();
  expect(stretchAsk(null, [series([0, 100])])).toBeNull();
});

test("a stretch is asked for with a little beside it", () => {
  expect(stretchAsk({ from: 900.4, to: 1000 }, [series([0, 1000])])).toEqual({
    since: 895,
    until: 1005,
    names: ["train/loss"],
  });
  expect(stretchAsk({ from: 0, to: 250 }, [series([0, 900])])?.since).toBe(0);
});

test("finer points take the place of those of their stretch", () => {
  const finer = series([20, 25, 30], { values: [1, null, 3], nonfinite: [null, "inf", null] });
  const [one] = refined([series([0, 20, 30, 90])], [finer]);
  expect(one?.steps).toEqual([0, 20, 25, 30, 90]);
  expect(one?.values).toEqual([0, 1, null, 3, 9]);
  expect(one?.nonfinite).toEqual([null, null, "inf", null, null]);
});

test("a series without finer points stays as it is", () => {
  const one = series([0, 20]);
  expect(refined([one], [])[0]).toBe(one);
});

const STRETCH = { since: 100, until: 200, names: ["train/loss", "val/top1"] };
const done = (loss: number, top1?: number) =>
  doneOf(STRETCH, {
    known: { "train/loss": loss, ...(top1 !== undefined && { "val/top1": top1 }) },
    isFinal: false,
  });

test("a stretch is another one each time that a piece of it was done", () => {
  expect(done(120, 110)).toEqual([2, 1]);
  expect(done(129, 110)).toEqual([2, 1]);
  expect(done(130, 110)).toEqual([3, 1]);
});

test("what is done before or behind a stretch changes nothing in it", () => {
  expect(done(50)).toEqual(done(99));
  expect(done(200)).toEqual(done(5000));
});

test("once the job is over its stretches stay", () => {
  expect(doneOf(STRETCH, { known: {}, isFinal: true })).toBeNull();
});
