import type { ParetoPoint } from "./front";
import { linear, logarithmic, type Scale } from "./scale";

/** Room around the plot for what is written there. */
export const PLOT = { top: 26, right: 20, bottom: 44, left: 64 } as const;

const SPREAD = 1.6;
const CHEAPEST = 1e-6;

export interface Axes {
  x: Scale;
  y: Scale;
}

/** Costs over magnitudes, worths as they are, with air around the outermost points. */
export function axesFor(points: readonly ParetoPoint[], width: number, height: number): Axes {
  const costs = points.map((point) => Math.max(point.cost, CHEAPEST));
  const worths = points.map((point) => point.worth);
  const low = points.length === 0 ? 0 : Math.min(...worths);
  const high = points.length === 0 ? 1 : Math.max(...worths);
  const room = Math.max(0.005, (high - low) * 0.15);
  const cheapest = points.length === 0 ? 1 : Math.min(...costs);
  const dearest = points.length === 0 ? 10 : Math.max(...costs);
  const across = [PLOT.left, width - PLOT.right] as const;
  return {
    x: logarithmic([cheapest / SPREAD, dearest * SPREAD], across, Math.max(3, width / 110)),
    y: linear([low - room, high + room], [height - PLOT.bottom, PLOT.top], height / 70),
  };
}
