import type uPlot from "uplot";
import { expect, test, vi } from "vitest";
import type { Palette } from "./colours";
import type { Line } from "./lines";
import { drawMarks, type Mark } from "./marks";

const COLOURS = {
  student: "blue",
  int8: "orange",
  onnx: "green",
  baseline: "purple",
  sixth: "olive",
  seventh: "navy",
  eighth: "red",
  teacher: "grey",
};
const PALETTE: Palette = {
  lines: COLOURS,
  areas: COLOURS,
  axis: "black",
  grid: "silver",
  ground: "white",
  font: "11px sans-serif",
};
const LINES: Line[] = [{ id: "top1", label: "top-1", steps: [0, 100], values: [0, 1] }];

/** A plot of 200 by 100 pixels in which a step is two pixels. */
function drawn(marks: Mark[], shown = true) {
  const ctx = {
    ...{ save: vi.fn(), restore: vi.fn(), beginPath: vi.fn(), rect: vi.fn(), clip: vi.fn() },
    ...{ setLineDash: vi.fn(), moveTo: vi.fn(), lineTo: vi.fn(), stroke: vi.fn(), fill: vi.fn() },
    ...{ arc: vi.fn(), fillText: vi.fn(), measureText: () => ({ width: 50 }) },
  };
  const plot = {
    ctx,
    bbox: { left: 0, top: 0, width: 200, height: 100 },
    series: [{}, { show: shown }],
    valToPos: (value: number, scale: string) => (scale === "x" ? value * 2 : 100 - value * 100),
  };
  // A canvas of this test's own: only what is drawn through is there.
  drawMarks(plot as unknown as uPlot, marks, LINES, PALETTE);
  return ctx;
}

test("a step has a line with its name, turned inwards at the right edge", () => {
  const ctx = drawn([
    { kind: "step", step: 10, label: "attempt 2" },
    { kind: "step", step: 95, label: "attempt 3" },
  ]);
  expect(ctx.fillText.mock.calls.map(([label, x]) => [label, x > 100 ? x < 190 : x > 20])).toEqual([
    ["attempt 2", true],
    ["attempt 3", true],
  ]);
});

test("the best point has a ring where it is", () => {
  const ctx = drawn([{ kind: "best", line: "top1", step: 50, value: 0.5 }]);
  expect(ctx.arc.mock.calls[0]?.slice(0, 2)).toEqual([100, 50]);
});

test("nothing is drawn for a hidden line or outside of what is shown", () => {
  expect(drawn([{ kind: "broken", line: "top1", step: 50 }], false).stroke).not.toBeCalled();
  expect(drawn([{ kind: "broken", line: "top1", step: 101 }]).stroke).not.toBeCalled();
  expect(drawn([{ kind: "broken", line: "top1", step: 50 }]).stroke).toBeCalledTimes(1);
});
