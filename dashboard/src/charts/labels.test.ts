import { expect, test } from "vitest";
import { frontOf, type ParetoPoint } from "./front";
import { placeLabels } from "./labels";
import { axesFor } from "./pareto-axes";

const SIZE = { width: 640, height: 360 };

function placed(points: ParetoPoint[]) {
  const axes = axesFor(points, SIZE.width, SIZE.height);
  return placeLabels(points, frontOf(points), axes, SIZE);
}

function point(label: string, cost: number, worth: number): ParetoPoint {
  return { id: label, label, cost, worth };
}

test("of points upon each other only some have their names beside them", () => {
  const crowd = Array.from({ length: 12 }, (_, place) => point(`student ${place}`, 1, 0.9));

  const labels = placed(crowd);

  expect(labels.length).toBeGreaterThan(0);
  expect(labels.length).toBeLessThanOrEqual(4);
});

test("those on the front are named first", () => {
  const crowd = Array.from({ length: 12 }, (_, place) => point(`worse ${place}`, 1.001, 0.899));

  expect(placed([...crowd, point("best", 1, 0.9)])[0]?.text).toBe("best");
});

test("a name does not stand on the line of the front", () => {
  const labels = placed([point("flat", 1, 0.9), point("dear", 10, 0.9001), point("low", 1, 0.8)]);

  const flat = labels.find((label) => label.id === "flat");

  expect(flat?.anchor).not.toBe("start");
});

test("a long name is cut", () => {
  expect(placed([point("x".repeat(200), 1, 0.9)])[0]?.text).toHaveLength(28);
});
