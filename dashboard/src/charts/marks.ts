import type uPlot from "uplot";
import { colourOf, type Palette } from "./colours";
import type { Line } from "./lines";

/** What is said of single steps, on top of the lines. */
export type Mark =
  /** For all lines: an upright line with its name. */
  | { kind: "step"; step: number; label: string }
  /** A ring around a point of a line. */
  | { kind: "best"; line: string; step: number; value: number }
  /** A cross at the foot of the chart: the line has no value there. */
  | { kind: "broken"; line: string; step: number };

const RING_PX = 4.5;
const CROSS_PX = 3.5;
const FOOT_PX = 8;

export function drawMarks(
  plot: uPlot,
  marks: readonly Mark[],
  lines: readonly Line[],
  palette: Palette,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.setLineDash([]);
  for (const mark of marks) {
    const x = plot.valToPos(mark.step, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    if (mark.kind === "step") {
      drawStep(plot, x, mark.label, palette);
      continue;
    }
    const place = lines.findIndex(({ id }) => id === mark.line);
    const line = lines[place];
    if (line === undefined || plot.series[place + 1]?.show === false) continue;
    ctx.strokeStyle = palette.lines[line.colour ?? colourOf(place)];
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    if (mark.kind === "best") ring(ctx, x, plot.valToPos(mark.value, "y", true), palette.ground);
    else cross(ctx, x, bbox.top + bbox.height - FOOT_PX * devicePixelRatio);
    ctx.stroke();
  }
  ctx.restore();
}

function drawStep({ ctx, bbox }: uPlot, x: number, label: string, palette: Palette): void {
  const pixel = devicePixelRatio;
  ctx.strokeStyle = palette.axis;
  ctx.lineWidth = pixel;
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, bbox.top);
  ctx.lineTo(Math.round(x) + 0.5, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = palette.font.replace(/^\d+/, (size) => String(Number(size) * pixel));
  const fits = x + ctx.measureText(label).width + 4 * pixel < bbox.left + bbox.width;
  ctx.textAlign = fits ? "left" : "right";
  ctx.textBaseline = "top";
  ctx.fillStyle = palette.axis;
  ctx.fillText(label, x + (fits ? 4 : -4) * pixel, bbox.top + 3 * pixel);
}

function ring(ctx: CanvasRenderingContext2D, x: number, y: number, ground: string): void {
  ctx.arc(x, y, RING_PX * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fillStyle = ground;
  ctx.fill();
}

function cross(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  const size = CROSS_PX * devicePixelRatio;
  ctx.moveTo(x - size, y - size);
  ctx.lineTo(x + size, y + size);
  ctx.moveTo(x - size, y + size);
  ctx.lineTo(x + size, y - size);
}
