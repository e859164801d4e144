import { expect, test } from "vitest";
import { linesOf, notMade } from "@/job/overview/models";
import type { Measures, Report } from "@/job/report";

const MEASURED = { batch: 1, throughput_batch: 64, threads: 2, repeats: 50, samples: 359 };

function measures(top1: number, size_mb: number): Measures {
  const time = { latency_ms_p50: 2, latency_ms_p95: 3, images_per_s: 500 };
  return { top1, size_mb, parameters: 1000, macs: 2000, ...time, measured: MEASURED };
}

const REPORT: Report = {
  ...{ schema: 1, name: "a", fingerprint: "", device: "cuda", baseline: null, kd_gain: null },
  teacher: measures(0.99, 40),
  student: measures(0.97, 2),
  artifacts: [
    {
      ...{ name: "onnx_int8", format: "onnx_int8", status: "ready", top1: 0.96, size_mb: 0.5 },
      measured: { ...MEASURED, runtime: "onnxruntime" },
    },
    { name: "onnx", format: "onnx", status: "failed", reason: "an operator is unknown" },
  ],
};

test("each model is held against the teacher, in accuracy and in size", () => {
  const [teacher, student, int8] = linesOf(REPORT);

  expect(teacher).toMatchObject({ kind: "teacher", againstTeacher: null, sizeRatio: null });
  expect(student?.againstTeacher).toBeCloseTo(-0.02);
  expect(student?.sizeRatio).toBe(0.05);
  expect(int8).toMatchObject({ name: "onnx_int8", kind: "int8", sizeRatio: 0.0125 });
});

test("a file's time is the CPU's, wherever the job ran", () => {
  expect(linesOf(REPORT).map(({ device }) => device)).toEqual(["cuda", "cuda", "cpu"]);
});

test("what was not measured is not there, and no zero", () => {
  const [line] = linesOf({ ...REPORT, teacher: null });

  expect(line).toMatchObject({ kind: "student", againstTeacher: null, sizeRatio: null });
});

test("a file that could not be made is told of beside the table", () => {
  expect(linesOf(REPORT).map(({ name }) => name)).not.toContain("onnx");
  expect(notMade(REPORT).map(({ reason }) => reason)).toEqual(["an operator is unknown"]);
});
