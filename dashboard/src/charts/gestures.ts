import type uPlot from "uplot";
import type { Range } from "./lines";
import { panned, zoomed } from "./range";

export interface View {
  /** All there is to be seen. */
  bounds: () => Range;
  /** What is seen. */
  range: () => Range;
  /** Null shows everything. */
  move: (range: Range | null) => void;
}

const ZOOM_PER_PIXEL = 1.0016;

/** Wheel, touch and shifted drags on a plot; a plain drag is uPlot's own selection. */
export function listenTo(plot: uPlot, view: View, hasFocus: () => boolean): void {
  const over = plot.over;
  const pointers = new Map<number, number>();

  const stepAt = (clientX: number) =>
    plot.posToVal(clientX - over.getBoundingClientRect().left, "x");

  function wheel(event: WheelEvent) {
    // A page full of charts must still scroll: only pinching, Ctrl or a chart in use zooms.
    if (!event.ctrlKey && !event.metaKey && !hasFocus()) return;
    event.preventDefault();
    const along = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      view.move(panned(view.range(), along / over.clientWidth, view.bounds()));
    } else {
      const factor = ZOOM_PER_PIXEL ** inPixels(event);
      view.move(zoomed(view.range(), factor, stepAt(event.clientX), view.bounds()));
    }
  }

  function press(event: PointerEvent) {
    const pans = event.pointerType === "touch" || event.shiftKey || event.button === 1;
    if (!pans) return;
    pointers.set(event.pointerId, event.clientX);
    over.setPointerCapture(event.pointerId);
  }

  function drag(event: PointerEvent) {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    pointers.set(event.pointerId, event.clientX);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      const share = (before - event.clientX) / over.clientWidth;
      view.move(panned(view.range(), share, view.bounds()));
    } else {
      const factor = Math.abs(before - other) / Math.max(1, Math.abs(event.clientX - other));
      view.move(zoomed(view.range(), factor, stepAt(other), view.bounds()));
    }
  }

  function release(event: PointerEvent) {
    pointers.delete(event.pointerId);
  }

  over.addEventListener("wheel", wheel, { passive: false });
  over.addEventListener("pointerdown", press);
  over.addEventListener("pointermove", drag);
  over.addEventListener("pointerup", release);
  over.addEventListener("pointercancel", release);
}

const LINE_PX = 16;

function inPixels(event: WheelEvent): number {
  return event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PX : event.deltaY;
}
