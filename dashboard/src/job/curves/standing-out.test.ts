import { expect, test } from "vitest";
import type { MetricSeries } from "@/api/schema";
import { panelsOf } from "./panels";
import { told } from "./standing-out";

function toldOf(name: string, values: (number | null)[], nonfinite: (string | null)[]) {
  const steps = values.map((_, place) => (place + 1) * 10);
  const series: MetricSeries[] = [
    { name, steps, epochs: steps.map(() => 1), values, nonfinite, sampled: false },
  ];
  const [panel] = panelsOf(series, { training: "", terms: [], firstSeed: null });
  return panel === undefined ? null : told(panel, series);
}

test("the first of the best points is ringed and said", () => {
  const found = toldOf("val/top1", [0.5, 0.9, 0.9], [null, null, null]);
  expect(found?.marks).toEqual([{ kind: "best", line: "val/top1", step: 20, value: 0.9 }]);
  expect(found?.notes).toContain("Best 90.0% at step 20, ringed.");
});

test("a value that was no number has a cross, and is counted by what it was", () => {
  const found = toldOf("train/loss", [1, null, null], [null, "nan", "inf"]);
  expect(found?.marks).toEqual([
    { kind: "broken", line: "train/loss", step: 20 },
    { kind: "broken", line: "train/loss", step: 30 },
  ]);
  expect(found?.notes.at(-1)).toBe(
    "2 points were no number (inf, nan): a gap, with a cross at the foot.",
  );
});

test("only accuracy has a best point", () => {
  expect(toldOf("train/loss", [1, 0.5], [null, null])?.marks).toEqual([]);
});
