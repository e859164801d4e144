/** The models of a report as lines of one table: teacher, student, baseline, and every file. */
import type { ArtifactReport, Measured, Report, Worth } from "@/job/report";

export type Kind = "teacher" | "student" | "baseline" | "int8" | "file";

export interface Line extends Worth {
  name: string;
  kind: Kind;
  /** Top-1 less the teacher's. */
  againstTeacher: number | null;
  parameters: number | null;
  macs: number | null;
  sizeMb: number | null;
  /** Size divided by the teacher's. */
  sizeRatio: number | null;
  p50: number | null;
  p95: number | null;
  /** What its time was taken on: a file runs on the CPU whatever the job ran on. */
  device: string;
  measured: Measured | null;
}

export function linesOf(report: Report): Line[] {
  const line = lineMaker(report);
  return [
    ...(report.teacher ? [line("teacher", "teacher", report.teacher)] : []),
    line("student", "student", report.student),
    ...(report.baseline ? [line("baseline", "baseline", report.baseline)] : []),
    ...report.artifacts
      .filter(({ status }) => status === "ready")
      .map((file) => line(file.name, isInt8(file) ? "int8" : "file", file)),
  ];
}

export function notMade({ artifacts }: Report): ArtifactReport[] {
  return artifacts.filter(({ status }) => status === "failed");
}

type Costs = Pick<
  ArtifactReport,
  "parameters" | "macs" | "size_mb" | "latency_ms_p50" | "latency_ms_p95" | "measured"
>;

function lineMaker(report: Report) {
  const { teacher } = report;
  return (name: string, kind: Kind, model: Worth & Costs): Line => ({
    ...model,
    name,
    kind,
    againstTeacher: kind === "teacher" ? null : difference(model.top1, teacher?.top1),
    parameters: model.parameters ?? null,
    macs: model.macs ?? null,
    sizeMb: model.size_mb ?? null,
    sizeRatio: kind === "teacher" ? null : quotient(model.size_mb, teacher?.size_mb),
    p50: model.latency_ms_p50 ?? null,
    p95: model.latency_ms_p95 ?? null,
    device: model.measured?.runtime ? "cpu" : (report.device ?? "cpu"),
    measured: model.measured ?? null,
  });
}

function isInt8({ format }: ArtifactReport): boolean {
  return format.includes("int8");
}

type Maybe = number | null | undefined;

export function difference(one: Maybe, other: Maybe): number | null {
  return one == null || other == null ? null : one - other;
}

export function quotient(one: Maybe, other: Maybe): number | null {
  return one == null || other == null || other === 0 ? null : one / other;
}
