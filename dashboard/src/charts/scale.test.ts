import { expect, test } from "vitest";
import { linear, logarithmic } from "./scale";

test("a place is turned back into its value", () => {
  for (const scale of [linear([0.8, 0.95], [300, 10]), logarithmic([0.1, 40], [50, 700])]) {
    expect(scale.valueAt(scale.at(0.9))).toBeCloseTo(0.9, 10);
    expect(scale.at(scale.low)).not.toBe(scale.at(scale.high));
  }
});

test("ticks are round numbers inside the axis", () => {
  expect(linear([0.803, 0.951], [0, 100]).ticks).toEqual([0.85, 0.9, 0.95]);
  expect(linear([0, 100], [0, 100]).ticks).toEqual([0, 20, 40, 60, 80, 100]);
});

test("a logarithmic axis has ticks at one, two and five, and fewer over many magnitudes", () => {
  expect(logarithmic([0.15, 12], [0, 1]).ticks).toEqual([0.2, 0.5, 1, 2, 5, 10]);
  expect(logarithmic([0.001, 1000], [0, 1]).ticks).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
});

test("a logarithmic axis within one magnitude still has ticks", () => {
  expect(logarithmic([3, 4.4], [0, 1]).ticks.length).toBeGreaterThanOrEqual(3);
});

test("an axis of one value has one tick", () => {
  expect(linear([2, 2], [0, 100]).ticks).toEqual([2]);
});
