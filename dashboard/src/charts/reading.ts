import { type KeyboardEvent, type RefObject, useCallback } from "react";
import type uPlot from "uplot";
import type { Reading } from "./LineLegend";
import type { Range } from "./lines";
import { panned, zoomed } from "./range";

/** What the lines say under the cursor, each for itself; null where it is outside. */
export function readingAt(plot: uPlot, data: uPlot.AlignedData): Reading | null {
  const { idx, idxs } = plot.cursor;
  const step = idx == null ? undefined : data[0]?.[idx];
  if (step === undefined || idxs === undefined) return null;
  const values = data.slice(1).map((column, place) => {
    const at = idxs[place + 1];
    return at == null ? null : (column[at] ?? null);
  });
  return { step, values };
}

interface Steered {
  view: Range | null;
  bounds: Range | null;
  move: (view: Range | null) => void;
}

const ZOOM_PER_KEY = 1.5;
const PAN_PER_KEY = 0.2;

/** What the keys do on a chart that has the focus. */
export function useKeys(plot: RefObject<uPlot | null>, { view, bounds, move }: Steered) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (bounds === null || event.ctrlKey || event.metaKey || event.altKey) return;
      const shown = view ?? bounds;
      const middle = (shown.from + shown.to) / 2;
      const sign = event.key === "ArrowLeft" ? -1 : 1;
      switch (event.key) {
        case "ArrowLeft":
        case "ArrowRight":
          if (event.shiftKey) move(panned(shown, sign * PAN_PER_KEY, bounds));
          else readNext(plot.current, sign);
          break;
        case "+":
        case "=":
          move(zoomed(shown, 1 / ZOOM_PER_KEY, middle, bounds));
          break;
        case "-":
          move(zoomed(shown, ZOOM_PER_KEY, middle, bounds));
          break;
        case "Escape":
        case "0":
          if (view === null) return;
          move(null);
          break;
        default:
          return;
      }
      event.preventDefault();
    },
    [plot, view, bounds, move],
  );
}

/** The cursor on the next point that is in sight. */
function readNext(plot: uPlot | null, sign: number): void {
  const steps = plot?.data[0];
  const { min, max } = plot?.scales.x ?? {};
  if (plot === null || steps === undefined || min == null || max == null) return;
  const at = plot.cursor.idx;
  const start = sign > 0 ? plot.valToIdx(min) : plot.valToIdx(max);
  const step = steps[at == null ? start : at + sign];
  if (step === undefined || step < min || step > max) return;
  plot.setCursor({ left: plot.valToPos(step, "x"), top: plot.over.clientHeight / 2 });
}
