export type Kind = "teacher" | "student" | "int8" | "onnx" | "baseline";

export interface ParetoPoint {
  id: string;
  label: string;
  cost: number;
  worth: number;
  kind?: Kind | undefined;
  /** What else is worth knowing while it is pointed at. */
  detail?: string | undefined;
}

/** Null where there is no bar. */
export interface Budgets {
  /** The highest cost that is allowed. */
  cost: number | null;
  /** The lowest worth that is enough. */
  worth: number | null;
}

/** What nothing else beats, cheapest first: no other is as good and as cheap, and better in one. */
export function frontOf(points: readonly ParetoPoint[]): ParetoPoint[] {
  const sorted = points.toSorted((a, b) => a.cost - b.cost || b.worth - a.worth);
  const front: ParetoPoint[] = [];
  for (const point of sorted) {
    const best = front.at(-1);
    const twin = best !== undefined && best.cost === point.cost && best.worth === point.worth;
    if (best === undefined || point.worth > best.worth || twin) front.push(point);
  }
  return front;
}

export function meets(point: ParetoPoint, budgets: Budgets): boolean {
  return (
    (budgets.cost === null || point.cost <= budgets.cost) &&
    (budgets.worth === null || point.worth >= budgets.worth)
  );
}
