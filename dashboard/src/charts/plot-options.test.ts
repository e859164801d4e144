import { expect, test } from "vitest";
import { number, percent } from "@/look/format";
import type { Palette } from "./colours";
import type { Range } from "./lines";
import { plotOptions } from "./plot-options";

interface Shown {
  view?: Range;
  log?: boolean;
  format?: (value: number) => string;
}

/** The values that a chart shows whose lines lie between these. */
function shown(low: number, high: number, { view, log = false, format = percent }: Shown = {}) {
  const nothing = () => {};
  const state = {
    ...{ lines: [], references: [], marks: [], palette: {} as Palette },
    ...{ view: view ?? null, format, onCursor: nothing, onSelect: nothing, onReset: nothing },
  };
  const form = { log, stacked: false, sync: undefined, width: 600, height: 200 };
  const range: unknown = plotOptions(() => state, form).scales?.y?.range;
  if (typeof range !== "function") throw new Error("no range");
  return range(null, low, high, "y");
}

const VIEW = { from: 10, to: 20 };
const oneDigit = (value: number) => percent(value, 1);

test("a chart whose values all read alike begins at zero", () => {
  expect(shown(0.91001, 0.91002, { format: oneDigit })).toEqual([0, 0.91002 * 1.08]);
});

test("what was zoomed into is no flat line, however alike it reads", () => {
  const [low, high] = shown(0.91001, 0.91002, { view: VIEW, format: oneDigit });

  expect(low).toBeGreaterThan(0.9);
  expect(high).toBeLessThan(0.92);
});

test("one value alone begins at zero, zoomed into or not", () => {
  expect(shown(0.5, 0.5)).toEqual([0, 0.54]);
  expect(shown(0.5, 0.5, { view: VIEW })).toEqual([0, 0.54]);
});

test("a logarithmic scale has no zero", () => {
  expect(shown(5, 5, { log: true, format: number })[0]).toBeGreaterThan(0);
});
