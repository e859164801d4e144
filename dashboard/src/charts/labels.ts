import type { ParetoPoint } from "./front";
import type { Axes } from "./pareto-axes";

export interface PlacedLabel {
  id: string;
  text: string;
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const CHARACTER_PX = 6.4;
const LINE_PX = 14;
const MARK_PX = 8;
const LINE_WIDTH_PX = 2;
const LONGEST = 28;

/** A name beside each point where there is room, those on the front first; the others say theirs
 * when they are pointed at. */
export function placeLabels(
  points: readonly ParetoPoint[],
  front: readonly ParetoPoint[],
  axes: Axes,
  size: { width: number; height: number },
): PlacedLabel[] {
  const spot = (point: ParetoPoint) => ({ x: axes.x.at(point.cost), y: axes.y.at(point.worth) });
  const taken: Box[] = [
    ...points.map((point) => around(spot(point), MARK_PX)),
    ...along(front.map(spot)).map((place) => around(place, LINE_WIDTH_PX)),
  ];
  const placed: PlacedLabel[] = [];
  const order = [...front, ...points.filter((point) => !front.includes(point))];
  for (const point of order) {
    const label = firstFree(point, axes, taken, size);
    if (label === null) continue;
    taken.push(boxOf(label));
    placed.push(label);
  }
  return placed;
}

function firstFree(
  point: ParetoPoint,
  axes: Axes,
  taken: readonly Box[],
  size: { width: number; height: number },
): PlacedLabel | null {
  const x = axes.x.at(point.cost);
  const y = axes.y.at(point.worth);
  const text = point.label.length > LONGEST ? `${point.label.slice(0, LONGEST - 1)}…` : point.label;
  const tries: PlacedLabel[] = [
    { id: point.id, text, x: x + 11, y: y + 4, anchor: "start" },
    { id: point.id, text, x: x - 11, y: y + 4, anchor: "end" },
    { id: point.id, text, x, y: y - 12, anchor: "middle" },
    { id: point.id, text, x, y: y + 21, anchor: "middle" },
  ];
  const free = tries.find((label) => {
    const box = boxOf(label);
    const inside = box.left >= 66 && box.right <= size.width - 4 && box.top >= 0;
    return inside && !taken.some((other) => overlap(box, other));
  });
  return free ?? null;
}

interface Spot {
  x: number;
  y: number;
}

/** Places on the line through the spots, so close that no letter fits between two. */
function along(spots: readonly Spot[]): Spot[] {
  return spots.slice(1).flatMap((to, place) => {
    const from = spots[place] ?? to;
    const parts = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / CHARACTER_PX);
    return Array.from({ length: parts }, (_, part) => ({
      x: from.x + ((to.x - from.x) * part) / parts,
      y: from.y + ((to.y - from.y) * part) / parts,
    }));
  });
}

function around({ x, y }: Spot, by: number): Box {
  return { left: x - by, right: x + by, top: y - by, bottom: y + by };
}

function boxOf({ text, x, y, anchor }: PlacedLabel): Box {
  const width = text.length * CHARACTER_PX;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LINE_PX + 3, bottom: y + 3 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}
