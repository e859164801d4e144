/** For tests: jobs with what they have measured. */
import type { ArtifactReport, Measures, Report } from "@/api/schema";
import type { Known } from "@/compare/compared";
import { jobOf } from "@/support/jobs";

const NO_WORTH = {
  top1: null,
  top5: null,
  macro_f1: null,
  ece: null,
  agreement_teacher: null,
  per_class: null,
};

export function measuresOf(top1: number | null, size_mb: number): Measures {
  return {
    ...NO_WORTH,
    top1,
    parameters: null,
    macs: null,
    size_mb,
    latency_ms_p50: size_mb / 10,
    latency_ms_p95: size_mb / 5,
    images_per_s: 100,
    peak_mb: null,
    measured: {
      batch: 1,
      throughput_batch: 32,
      threads: 1,
      repeats: 10,
      samples: 100,
      runtime: null,
    },
  };
}

/** The student in int8, or what stands in its place where it could not be made. */
export function int8Of(status: ArtifactReport["status"]): ArtifactReport {
  return {
    ...NO_WORTH,
    top1: status === "ready" ? 0.92 : null,
    name: "onnx_int8",
    format: "onnx_int8",
    status,
    reason: null,
    sha256: null,
    files: [],
    parity: null,
    agreement_student: null,
    grid: null,
    against_onnx: null,
    parameters: null,
    macs: null,
    size_mb: 0.4,
    latency_ms_p50: null,
    latency_ms_p95: null,
    images_per_s: null,
    peak_mb: null,
    measured: null,
  };
}

export function reportOf(more: Partial<Report> = {}): Report {
  return {
    schema: 1,
    name: "n",
    fingerprint: "f",
    teacher: measuresOf(0.95, 45),
    teachers: [],
    teacher_check: null,
    student: measuresOf(0.93, 1.5),
    device: "cpu",
    seeds: [],
    top1_over_seeds: null,
    baseline: null,
    kd_gain: null,
    test: null,
    artifacts: [int8Of("ready")],
    diagnosis: null,
    fronts: [],
    gates: [],
    verdict: "not_evaluated",
    ...more,
  };
}

export function knownOf(id: string, more: Partial<Known> = {}): Known {
  return {
    id,
    place: 0,
    job: jobOf(id),
    problem: null,
    report: null,
    noReport: null,
    verdict: null,
    curves: null,
    ...more,
  };
}
