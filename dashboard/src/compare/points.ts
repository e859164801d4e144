/** Every model and file of every report, as points of worth against cost. */

import type { ArtifactReport, Report } from "@/api/schema";
import type { Kind, ParetoPoint } from "@/charts/Pareto";
import type { Known } from "@/compare/compared";
import { count } from "@/look/format";

export type Cost = "size_mb" | "latency_ms_p50";
export type Worth = "top1" | "agreement_teacher";

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
  for (const { id, job, report } of jobs) {
    if (report === null) continue;
    // Agreement where nobody knows what is right.
    const worth = report.student.top1 == null ? "agreement_teacher" : "top1";
    for (const [name, model] of modelsOf(report)) {
      const [x, y] = [model[cost], model[worth]];
      if (x == null || y == null) continue;
      const device = cost === "size_mb" ? null : deviceOf(model, report);
      const key = `${worth} ${device}`;
      const plot = plots.get(key) ?? { worth, device, points: [] };
      const kind = kindOf(name);
      const said = { id: `${id}/${name}`, jobId: id, label: `${job.name} ${name}` };
      plot.points.push({ ...said, cost: x, worth: y, ...(kind && { kind }) });
      plots.set(key, plot);
    }
  }
  return [...plots.values()]
    .map((plot) => ({ ...plot, points: withSharedTeachers(plot.points) }))
    .toSorted((a, b) => b.points.length - a.points.length);
}

type Model = Pick<ArtifactReport, Cost | Worth | "measured">;

/** Not from the fronts of the report: one model alone is no front, and yet a point beside others. */
function modelsOf({ teacher, student, baseline, artifacts }: Report): [string, Model][] {
  const found: [string, Model][] = [];
  if (teacher !== null) found.push(["teacher", teacher]);
  found.push(["student", student]);
  if (baseline !== null) found.push(["baseline", baseline]);
  // The weights are what `student` was measured by.
  const files = artifacts.filter(({ format }) => format !== "safetensors");
  return [...found, ...files.map((file): [string, Model] => [file.name, file])];
}

/** A file runs on the CPU whatever the job ran on. */
function deviceOf({ measured }: Model, { device }: Report): string | null {
  return measured?.runtime ? "cpu" : (device ?? null);
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
