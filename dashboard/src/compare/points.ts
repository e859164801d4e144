/** Every model and file of every report, as points of worth against cost. */

import type { Front } from "@/api/schema";
import type { Kind, ParetoPoint } from "@/charts/Pareto";
import type { Known } from "@/compare/compared";
import { count } from "@/look/format";

export type Cost = Front["cost"];
export type Worth = Front["worth"];

export interface JobPoint extends ParetoPoint {
  jobId: string;
}

export interface Plot {
  worth: Worth;
  /** What times were taken on; null for sizes, which are the same everywhere. */
  device: string | null;
  points: readonly JobPoint[];
}

/** One plot for each worth and device: nothing else can be held against each other. */
export function plotsOf(jobs: readonly Known[], cost: Cost): Plot[] {
  const plots = new Map<string, Plot & { points: JobPoint[] }>();
  for (const compared of jobs) {
    for (const front of compared.report?.fronts ?? []) {
      if (front.cost !== cost) continue;
      const device = front.device ?? null;
      const key = `${front.worth} ${device}`;
      const plot = plots.get(key) ?? { worth: front.worth, device, points: [] };
      plot.points.push(...pointsOf(compared, front));
      plots.set(key, plot);
    }
  }
  return [...plots.values()]
    .map((plot) => ({ ...plot, points: withSharedTeachers(plot.points) }))
    .toSorted((a, b) => b.points.length - a.points.length);
}

function pointsOf({ id, job }: Known, front: Front): JobPoint[] {
  return front.points.map(({ name, worth, cost }) => {
    const kind = kindOf(name);
    return {
      id: `${id}/${name}`,
      jobId: id,
      label: `${job.name} ${name}`,
      cost,
      worth,
      ...(kind && { kind }),
    };
  });
}

function kindOf(name: string): Kind | undefined {
  switch (name) {
    case "teacher":
    case "student":
    case "baseline":
      return name;
    case "onnx_int8":
      return "int8";
    default:
      return name.startsWith("onnx") ? "onnx" : name.startsWith("teacher") ? "teacher" : undefined;
  }
}

/** A teacher of several jobs is one point, not a heap of them. */
function withSharedTeachers(points: readonly JobPoint[]): JobPoint[] {
  const shown = new Map<string, JobPoint & { jobs: number }>();
  for (const point of points) {
    const isTeacher = point.kind === "teacher";
    const key = isTeacher ? `${point.worth} ${point.cost}` : point.id;
    const same = shown.get(key);
    if (same === undefined) shown.set(key, { ...point, jobs: 1 });
    else shown.set(key, { ...same, jobs: same.jobs + 1 });
  }
  return [...shown.values()].map(({ jobs, ...point }) =>
    jobs === 1 ? point : { ...point, label: `teacher of ${count(jobs)} jobs` },
  );
}
