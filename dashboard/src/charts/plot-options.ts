import uPlot from "uplot";
import { colourOf, dashOf, type Palette } from "./colours";
import type { Line, Range, ReferenceLine } from "./lines";
import { drawMarks, type Mark } from "./marks";
import { drawReferences } from "./references";
import { tickTexts } from "./tick-texts";

/** What a plot looks up while it draws; it changes without the plot being made anew. */
export interface PlotState {
  lines: readonly Line[];
  references: readonly ReferenceLine[];
  marks: readonly Mark[];
  palette: Palette;
  /** The steps that are shown; null for all. */
  view: Range | null;
  format: (value: number) => string;
  onCursor: (plot: uPlot) => void;
  onSelect: (range: Range) => void;
  onReset: () => void;
}

/** What a plot is made for, once. */
export interface PlotForm {
  log: boolean;
  stacked: boolean;
  sync: string | undefined;
  width: number;
  height: number;
}

const SHORTEST_DRAG_PX = 6;
/** There is nothing between two steps. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat();
const AXIS_WIDTH_PX = 60;

export function plotOptions(
  state: () => PlotState,
  { log, stacked, sync, ...size }: PlotForm,
): uPlot.Options {
  return {
    ...size,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: (_, min, max) => shownSteps(state().view, min, max) },
      y: {
        distr: log ? 3 : 1,
        range: (_, min, max) => shownValues(state(), { log, stacked }, min, max),
      },
    },
    axes: [
      { ...axis(state), size: 30, incrs: WHOLE_STEPS, values: (_, steps) => steps.map(stepText) },
      {
        ...axis(state, log),
        size: AXIS_WIDTH_PX,
        space: 36,
        values: (_, values) => tickTexts(values, state().format, log),
      },
    ],
    series: [{}, ...state().lines.map((line, place) => series(line, place, state, stacked))],
    cursor: cursor(state, sync),
    hooks: {
      setLegend: [(plot) => state().onCursor(plot)],
      setSelect: [(plot) => select(plot, state)],
      draw: [
        (plot) => drawReferences(plot, state().references, state().palette, state().format),
        (plot) => drawMarks(plot, state().marks, state().lines, state().palette),
      ],
    },
  };
}

function shownSteps(view: Range | null, min: number | null, max: number | null): [number, number] {
  if (view !== null) return [view.from, view.to];
  if (min === null || max === null) return [0, 1];
  return min === max ? [min - 1, max + 1] : [min, max];
}

/** Room for every value in sight, and for the names of references above them. A reference far off
 * must not flatten what was zoomed into. */
function shownValues(
  { references, view, format }: PlotState,
  { log, stacked }: Pick<PlotForm, "log" | "stacked">,
  min: number | null,
  max: number | null,
): uPlot.Range.MinMax {
  const usable = references.map((line) => line.value).filter((value) => !log || value > 0);
  let low = stacked ? Math.min(0, min ?? 0) : (min ?? Math.min(...usable));
  let high = max ?? Math.max(...usable);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return log ? [0.1, 1] : [0, 1];
  const near = view === null ? Number.POSITIVE_INFINITY : high - low;
  for (const value of usable) {
    if (value < low - near || value > high + near) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  // What reads alike is a flat line, with room below 100% and none up to 200%; zoomed into, it is not.
  const isFlat = low === high || (view === null && format(low) === format(high));
  if (!log && low > 0 && isFlat) return [0, high * 1.08];
  return log
    ? uPlot.rangeLog(low, high, 10, false)
    : uPlot.rangeNum(low, high, usable.length > 0 ? 0.16 : 0.08, true);
}

function axis(state: () => PlotState, log = false): uPlot.Axis {
  const grid: uPlot.Axis.Grid = { stroke: () => state().palette.grid, width: 1 };
  if (log) grid.filter = (_, values) => magnitudesAmong(values);
  return {
    font: state().palette.font,
    stroke: () => state().palette.axis,
    grid,
    ticks: { show: false },
    gap: 8,
  };
}

function series(line: Line, place: number, state: () => PlotState, stacked: boolean): uPlot.Series {
  const colour = line.colour ?? colourOf(place);
  const stroke = () => state().palette.lines[colour];
  const dash = line.colour === undefined ? dashOf(place) : undefined;
  return {
    label: line.label,
    stroke,
    width: 1.5,
    points: { size: 5, fill: stroke, space: 14 },
    ...(dash === undefined ? {} : { dash }),
    ...(stacked ? { fill: () => state().palette.areas[colour], fillTo: 0 } : {}),
  };
}

function cursor(state: () => PlotState, sync: string | undefined): uPlot.Cursor {
  const moves = (type: string) => type === "mousemove" || type === "mouseleave";
  return {
    y: false,
    points: { size: 9, width: 2, stroke: () => state().palette.ground },
    drag: { x: true, y: false, setScale: false, dist: SHORTEST_DRAG_PX },
    bind: {
      mousedown: (_plot, _over, handle) => (event) => {
        // With shift a drag moves the view, and is no selection.
        if (!event.shiftKey) handle(event);
        return null;
      },
      dblclick: () => () => {
        state().onReset();
        return null;
      },
    },
    ...(sync === undefined
      ? {}
      : {
          sync: {
            key: sync,
            scales: ["x", null],
            setSeries: false,
            filters: { pub: moves, sub: moves },
          },
        }),
  };
}

function select(plot: uPlot, state: () => PlotState): void {
  const { left, width } = plot.select;
  if (width < SHORTEST_DRAG_PX) return;
  const range = { from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") };
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  state().onSelect(range);
}

/** The lines at 1, 10, 100 alone, where there are enough of them. */
function magnitudesAmong(values: number[]): (number | null)[] {
  const isMagnitude = (value: number) => Number.isInteger(Math.log10(value));
  if (values.filter(isMagnitude).length < 2) return values;
  return values.map((value) => (isMagnitude(value) ? value : null));
}

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

export function stepText(step: number): string {
  return Math.abs(step) < 10_000
    ? step.toLocaleString("en")
    : COMPACT.format(step).replace("K", "k");
}
