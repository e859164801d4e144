import { expect, test } from "vitest";
import { frontOf, meets, type ParetoPoint } from "./front";

function point(id: string, cost: number, worth: number): ParetoPoint {
  return { id, label: id, cost, worth };
}

const ids = (points: ParetoPoint[]) => points.map((one) => one.id);

test("what another beats is not on the front", () => {
  const front = frontOf([
    point("teacher", 16, 0.92),
    point("worse and dearer", 2, 0.85),
    point("student", 0.8, 0.9),
    point("int8", 0.2, 0.89),
    point("as good and dearer", 1, 0.9),
  ]);

  expect(ids(front)).toEqual(["int8", "student", "teacher"]);
});

test("twins are both on it", () => {
  expect(ids(frontOf([point("a", 1, 0.9), point("b", 1, 0.9)]))).toEqual(["a", "b"]);
});

test("a budget is met at its very edge, and where there is none", () => {
  const one = point("a", 1, 0.9);

  expect(meets(one, { cost: 1, worth: 0.9 })).toBe(true);
  expect(meets(one, { cost: null, worth: null })).toBe(true);
  expect(meets(one, { cost: 0.99, worth: null })).toBe(false);
  expect(meets(one, { cost: null, worth: 0.91 })).toBe(false);
});
