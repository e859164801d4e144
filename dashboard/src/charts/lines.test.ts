import { expect, test } from "vitest";
import { aligned, extentOf, type Line, lastValue, stackedUp, withFiner } from "./lines";

function line(steps: number[], values: (number | null)[]): Line {
  return { id: "a", label: "a", steps, values };
}

test("lines of other steps share one axis, and keep their gaps", () => {
  const data = aligned([line([0, 10, 20], [1, null, 3]), line([5, 10], [7, 8])], false);

  expect(data).toEqual([
    [0, 5, 10, 20],
    [1, undefined, null, 3],
    [undefined, 7, 8, undefined],
  ]);
});

test("a logarithmic scale leaves out what it has no place for", () => {
  const [, values] = aligned([line([0, 1, 2, 3], [0, -1, 0.5, null])], true);

  expect(values).toEqual([null, null, 0.5, null]);
});

test("the extent is from the first step of all to the last", () => {
  expect(extentOf([line([5, 10], [1, 1]), line([0, 7], [1, 1]), line([], [])])).toEqual({
    from: 0,
    to: 10,
  });
  expect(extentOf([line([], [])])).toBeNull();
});

test("a finer sampling takes the place of its stretch alone", () => {
  const whole = line([0, 10, 20, 30, 40], [0, 1, 2, 3, 4]);

  const result = withFiner(whole, { steps: [10, 15, 20, 25], values: [1, 1.5, null, 2.5] });

  expect(result.steps).toEqual([0, 10, 15, 20, 25, 30, 40]);
  expect(result.values).toEqual([0, 1, 1.5, null, 2.5, 3, 4]);
  expect(withFiner(whole, { steps: [], values: [] })).toBe(whole);
});

test("a finer sampling that goes on past the end makes the line longer", () => {
  const result = withFiner(line([0, 10], [0, 1]), { steps: [11, 12], values: [2, 3] });

  expect(result.steps).toEqual([0, 10, 11, 12]);
});

test("the last value is the last that is a number", () => {
  expect(lastValue(line([0, 1, 2], [1, 2, null]))).toBe(2);
  expect(lastValue(line([], []))).toBeNull();
});

test("stacked lines stand upon each other, the last at the bottom", () => {
  const data = aligned([line([0, 1, 2], [5, 5, null]), line([0, 1, 2], [1, null, 3])], false);

  expect(stackedUp(data, () => false)).toEqual([
    [0, 1, 2],
    [6, 5, null],
    [1, null, 3],
  ]);
});

test("what is hidden carries nothing", () => {
  const data = aligned([line([0], [5]), line([0], [1])], false);

  expect(stackedUp(data, (place) => place === 1)[1]).toEqual([5]);
});
