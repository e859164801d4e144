import { expect, test } from "vitest";
import { bytes, number, percent } from "@/look/format";
import { tickTexts } from "./tick-texts";

test("digits that no tick needs are left out of all", () => {
  expect(tickTexts([0, 0.2, 0.4], percent, false)).toEqual(["0%", "20%", "40%"]);
  expect(tickTexts([0.92, 0.925], percent, false)).toEqual(["92.0%", "92.5%"]);
  expect(tickTexts([0, 0.5, 0.75, 1], number, false)).toEqual(["0", "0.50", "0.75", "1.00"]);
  expect(tickTexts([0, 1, 2], number, false)).toEqual(["0", "1", "2"]);
});

test("over magnitudes each tick has the digits that it needs", () => {
  expect(tickTexts([0.1, 1, 10, 100], number, true)).toEqual(["0.1", "1", "10", "100"]);
  expect(tickTexts([200_000, 1e6, 15e6], bytes, true)).toEqual(["200 kB", "1 MB", "15 MB"]);
});

test("a place without a tick has no text", () => {
  expect(tickTexts([1, null, 2.5], number, false)).toEqual(["1.0", "", "2.5"]);
});
