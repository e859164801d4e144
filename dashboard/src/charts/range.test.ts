import { expect, test } from "vitest";
import { panned, within, zoomed } from "./range";

const bounds = { from: 0, to: 1000 };

test("what is under the pointer stays there while zooming", () => {
  const range = zoomed(bounds, 0.5, 250, bounds);

  expect(range).toEqual({ from: 125, to: 625 });
});

test("zooming out beyond everything is no zoom", () => {
  expect(zoomed({ from: 100, to: 900 }, 2, 500, bounds)).toBeNull();
});

test("zooming in ends where there is nothing more to see", () => {
  expect(zoomed({ from: 100, to: 106 }, 0.1, 103, bounds)).toEqual({ from: 101, to: 105 });
});

test("panning stops at the edges and keeps the width", () => {
  expect(panned({ from: 100, to: 300 }, 0.5, bounds)).toEqual({ from: 200, to: 400 });
  expect(panned({ from: 100, to: 300 }, -2, bounds)).toEqual({ from: 0, to: 200 });
  expect(panned({ from: 700, to: 900 }, 2, bounds)).toEqual({ from: 800, to: 1000 });
});

test("a range is brought inside", () => {
  expect(within({ from: 950, to: 1150 }, bounds)).toEqual({ from: 800, to: 1000 });
});
