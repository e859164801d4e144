import { expect, test } from "vitest";
import type { Line } from "@/charts/LineChart";
import { canStack, onSameSteps } from "./stacking";

function line(steps: number[], values: (number | null)[]): Line {
  return { id: String(values), label: "", steps, values };
}

test("only parts that are not below zero are stacked", () => {
  expect(canStack([line([1], [1]), line([1], [null])])).toBe(true);
  expect(canStack([line([1], [1]), line([1], [-0.1])])).toBe(false);
  expect(canStack([line([1], [1])])).toBe(false);
});

test("lines of the same steps stay as they are", () => {
  const lines = [line([1, 2], [1, 2]), line([1, 2], [3, 4])];
  expect(onSameSteps(lines)).toBe(lines);
});

test("thinned lines get the steps of all, each on its own way between two points", () => {
  const [one, other] = onSameSteps([line([0, 20], [1, 3]), line([0, 10, 30], [1, null, 5])]);
  expect(one?.steps).toEqual([0, 10, 20, 30]);
  expect(one?.values).toEqual([1, 2, 3, null]);
  expect(other?.values).toEqual([1, null, null, 5]);
});
