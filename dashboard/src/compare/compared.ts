/** One of the jobs side by side, with as much of it as there is. */
import { numberIn } from "@/api/loose";
import type { ApiProblem } from "@/api/problem";
import type { ArtifactReport, Job, JobVerdict, Measures, Metrics, Report } from "@/api/schema";

export interface Compared {
  id: string;
  /** Among the jobs that were asked for: its colour and dash. */
  place: number;
  job: Job | null;
  /** Why there is no job, or why what is shown is old. */
  problem: ApiProblem | null;
  report: Report | null;
  /** Why a job that has succeeded shows no report. */
  noReport: string | null;
  verdict: JobVerdict | null;
  curves: Metrics | null;
}

/** With a job, whose name is then known. */
export type Known = Compared & { job: Job };

export function isKnown(compared: Compared): compared is Known {
  return compared.job !== null;
}

/** Fractions are 0 to 1; null is what was not measured, or not yet. */
export interface Result {
  teacher: number | null;
  student: number | null;
  difference: number | null;
  agreement: number | null;
  int8: number | null;
  sizeMb: number | null;
  int8Mb: number | null;
  latencyMs: number | null;
  int8Ms: number | null;
}

/** From the report; until there is one, from the last epoch. */
export function resultOf({ job, report }: Known): Result {
  const teacher = report ? top1(report.teacher) : lastOf(job, "training_teacher/val/top1");
  const student = report ? top1(report.student) : lastOf(job, "val/top1");
  const int8 = report?.artifacts.find(isInt8);
  return {
    teacher,
    student,
    difference: teacher === null || student === null ? null : student - teacher,
    agreement: report ? (report.student.agreement_teacher ?? null) : lastOf(job, "val/agreement"),
    int8: int8?.top1 ?? null,
    sizeMb: report?.student.size_mb ?? null,
    int8Mb: int8?.size_mb ?? null,
    latencyMs: report?.student.latency_ms_p50 ?? null,
    int8Ms: int8?.latency_ms_p50 ?? null,
  };
}

function isInt8({ format, status }: ArtifactReport): boolean {
  return format === "onnx_int8" && status === "ready";
}

function top1(measures: Measures | null): number | null {
  return measures?.top1 ?? null;
}

function lastOf(job: Job, metric: string): number | null {
  return numberIn(job.last, metric, "value");
}

/** The best of some numbers, where they differ at all. */
export function bestOf(values: readonly (number | null)[], better: "more" | "less"): number | null {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  const most = Math.max(...known);
  if (known.length < 2 || least === most) return null;
  return better === "more" ? most : least;
}
