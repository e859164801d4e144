import { expect, test } from "vitest";
import type { MetricSeries } from "@/api/schema";
import { panelsOf } from "./panels";

function series(...names: string[]): MetricSeries[] {
  return names.map((name) => ({
    name,
    steps: [10, 20],
    epochs: [1, 2],
    values: [0.1, 0.2],
    nonfinite: [null, null],
    sampled: false,
  }));
}

function drawn(names: string[], training = "") {
  const terms = [
    { kind: "ce", weight: 1 },
    { kind: "kd", weight: 0.9 },
  ];
  return panelsOf(series(...names), { training, terms, firstSeed: null });
}

test("what is measured on one scale stands in one chart, in the order of importance", () => {
  const panels = drawn(["train/lr", "train/term/0.ce.ce", "val/loss", "train/loss", "val/top1"]);
  expect(panels.map(({ title }) => title)).toEqual([
    "Accuracy",
    "Loss",
    "Terms of the loss",
    "Learning rate",
  ]);
  expect(panels[1]?.lines.map(({ label }) => label)).toEqual(["training", "held out"]);
});

test("terms are named after the loss of the job, in its order", () => {
  const [terms] = drawn(["train/term/1.kd.kd", "train/term/0.ce.ce"]);
  expect(terms?.lines.map(({ label }) => label)).toEqual(["ce", "0.9 × kd"]);
});

test("a series that nobody knows has a chart of its own", () => {
  const panels = drawn(["train/temperature", "train/lr"]);
  expect(panels.map(({ title }) => title)).toEqual(["Learning rate", "train/temperature"]);
});

test("of other trainings only the accuracy is held against this one, each in its colour", () => {
  const [accuracy, ...rest] = drawn([
    "seed-1/val/top1",
    "seed-1/train/lr",
    "training_baseline/val/top1",
    "val/agreement",
    "val/top1",
  ]);
  expect(accuracy?.lines[0]?.label).toBe("Student top-1");
  expect(new Set(accuracy?.lines.map(({ colour }) => colour)).size).toBe(4);
  expect(rest).toEqual([]);
});

test("without labels the chart is about agreement, and the teacher's accuracy is no part of it", () => {
  const [agreement] = drawn(["val/agreement"]);
  expect(agreement?.title).toBe("Agreement with the teacher");
  expect(agreement?.isAccuracy).toBe(false);
});
