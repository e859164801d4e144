/** Jobs for tests of the comparison. */
import type { Job } from "@/api/schema";
import type { Known } from "@/compare/compared";
import type { FrontPoint, Measures, Report } from "@/job/report";

export function jobOf(id: string, more: Partial<Job> = {}): Job {
  return {
    id,
    name: `name of ${id}`,
    project: "default",
    labels: {},
    parent_id: null,
    state: "succeeded",
    phase: null,
    progress: null,
    queue: null,
    attempt: 1,
    attempts: [],
    priority: "normal",
    fingerprint: "f",
    spec: {},
    resolved: {},
    failure: null,
    verdict: null,
    best: {},
    last: {},
    created_at: "2026-03-02T09:00:00Z",
    started_at: null,
    finished_at: null,
    deleted_at: null,
    version: 1,
    links: {
      self: "",
      events: "",
      metrics: "",
      logs: "",
      artifacts: "",
      bundle: "",
      verdict: "",
    },
    ...more,
  };
}

export function measuresOf(top1: number | null, size_mb: number): Measures {
  return {
    top1,
    size_mb,
    latency_ms_p50: size_mb / 10,
    latency_ms_p95: size_mb / 5,
    images_per_s: 100,
    measured: { batch: 1, throughput_batch: 32, threads: 1, repeats: 10, samples: 100 },
  };
}

export function reportOf(more: Partial<Report> = {}): Report {
  return {
    schema: 1,
    name: "n",
    fingerprint: "f",
    teacher: measuresOf(0.95, 45),
    student: measuresOf(0.93, 1.5),
    baseline: null,
    kd_gain: null,
    artifacts: [
      { name: "onnx_int8", format: "onnx_int8", status: "ready", top1: 0.92, size_mb: 0.4 },
    ],
    ...more,
  };
}

export function sizes(...points: [name: string, worth: number, cost: number][]): Report["fronts"] {
  const drawn = points.map(
    ([name, worth, cost]): FrontPoint => ({ name, worth, cost, on_front: false }),
  );
  return [{ worth: "top1", cost: "size_mb", points: drawn }];
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
