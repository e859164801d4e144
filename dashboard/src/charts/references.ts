import type uPlot from "uplot";
import type { Palette } from "./colours";
import type { ReferenceLine } from "./lines";

/** Constant values to be held against: dashed lines across the whole chart, with their names. */
export function drawReferences(
  plot: uPlot,
  references: readonly ReferenceLine[],
  palette: Palette,
  format: (value: number) => string,
): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { label, value, colour = "teacher" } of references) {
    const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
    if (!Number.isFinite(y) || y < bbox.top || y > bbox.top + bbox.height) continue;
    const right = bbox.left + bbox.width;
    ctx.strokeStyle = palette.lines[colour];
    ctx.lineWidth = 1.5 * pixel;
    ctx.setLineDash([6 * pixel, 4 * pixel]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
    // The font of the axes, which is in pixels of the page.
    ctx.font = palette.font.replace(/^\d+/, (size) => String(Number(size) * pixel));
    ctx.textAlign = "right";
    const above = y - bbox.top > 20 * pixel;
    ctx.textBaseline = above ? "bottom" : "top";
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * pixel;
    ctx.strokeStyle = palette.ground;
    const text = `${label} ${format(value)}`;
    const textY = y + (above ? -3 : 4) * pixel;
    ctx.strokeText(text, right - 4 * pixel, textY);
    ctx.fillStyle = palette.lines[colour];
    ctx.fillText(text, right - 4 * pixel, textY);
  }
  ctx.restore();
}
