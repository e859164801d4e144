import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import { type Theme, useTheme } from "@/look/theme";
import { paletteAt } from "./colours";
import { listenTo } from "./gestures";
import { extentOf, type Line, type Range, type ReferenceLine } from "./lines";
import type { Mark } from "./marks";
import { type PlotState, plotOptions } from "./plot-options";

export interface PlotWishes {
  lines: readonly Line[];
  references: readonly ReferenceLine[];
  marks: readonly Mark[];
  data: uPlot.AlignedData;
  log: boolean;
  stacked: boolean;
  height: number;
  hidden: ReadonlySet<string>;
  view: Range | null;
  sync: string | undefined;
  format: (value: number) => string;
  onCursor: (plot: uPlot) => void;
  onMove: (view: Range | null) => void;
}

const NOWHERE: Range = { from: 0, to: 1 };

/** A browser without canvas still has the legend and the table. */
const canDraw = () => document.createElement("canvas").getContext("2d") !== null;

/** A plot inside the box, kept in step with what is wished for. */
export function usePlot(box: RefObject<HTMLDivElement | null>, wishes: PlotWishes) {
  const plot = useRef<uPlot | null>(null);
  const { shown } = useTheme();
  const latest = useRef(wishes);
  const state = useRef<PlotState | null>(null);
  const { data, hidden, height, lines, log, marks, references, stacked, sync, view } = wishes;
  const looks = lines.map((line) => [line.id, line.label, line.colour]);
  const structure = JSON.stringify([looks, log, stacked, sync, height, extentOf(lines) === null]);

  useLayoutEffect(() => {
    latest.current = wishes;
    if (state.current !== null) Object.assign(state.current, stateOf(wishes));
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew for another structure only
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || !canDraw()) return;
    const now: PlotState = {
      ...stateOf(latest.current),
      palette: paletteAt(element),
      onCursor: (drawn) => latest.current.onCursor(drawn),
      onSelect: (range) => latest.current.onMove(range),
      onReset: () => latest.current.onMove(null),
    };
    state.current = now;
    const form = { log, stacked, sync, width: element.clientWidth, height };
    const options = plotOptions(() => now, form);
    const made = new uPlot(options, latest.current.data, element);
    plot.current = made;
    listenTo(
      made,
      viewOf(now, () => latest.current),
      () => element.contains(document.activeElement),
    );
    const resized = new ResizeObserver(() => {
      if (element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
      state.current = null;
    };
  }, [structure]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  useEffect(() => {
    showSteps(plot.current, view ?? extentOf(latest.current.lines));
  }, [view]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot made anew forgets what was hidden
  useEffect(() => {
    for (const [place, { id }] of latest.current.lines.entries()) {
      plot.current?.setSeries(place + 1, { show: !hidden.has(id) });
    }
  }, [hidden, structure]);

  useRedraw(plot, state, box, shown, references, marks);
  return plot;
}

/** In other colours, or with other references and marks. */
function useRedraw(
  plot: RefObject<uPlot | null>,
  state: RefObject<PlotState | null>,
  box: RefObject<HTMLDivElement | null>,
  theme: Theme,
  references: readonly ReferenceLine[],
  marks: readonly Mark[],
) {
  const said = JSON.stringify([theme, references, marks]);
  const drawnWith = useRef(said);

  useEffect(() => {
    if (drawnWith.current === said || state.current === null || box.current === null) return;
    drawnWith.current = said;
    state.current.palette = paletteAt(box.current);
    // The scale of the values makes room for references.
    const { min = 0, max = 1 } = plot.current?.scales.x ?? {};
    plot.current?.setScale("x", { min, max });
    plot.current?.redraw(false, true);
  }, [said, plot, state, box]);
}

function stateOf({ lines, references, marks, view, format }: PlotWishes) {
  return { lines, references, marks, view, format };
}

function viewOf(state: PlotState, wishes: () => PlotWishes) {
  const bounds = () => extentOf(wishes().lines) ?? NOWHERE;
  return {
    bounds,
    range: () => state.view ?? bounds(),
    move: (range: Range | null) => {
      // At once, since the next move may come before the page has caught up.
      state.view = range;
      wishes().onMove(range);
    },
  };
}

export function showSteps(plot: uPlot | null, range: Range | null): void {
  if (range !== null) plot?.setScale("x", { min: range.from, max: range.to });
}
