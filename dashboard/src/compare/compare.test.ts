import { describe, expect, test } from "vitest";
import { budgetWords } from "@/compare/budget-words";
import { bestOf, resultOf } from "@/compare/compared";
import { hasPoints, linesOf } from "@/compare/curves";
import { openLane } from "@/compare/lane";
import { type Plot, plotsOf } from "@/compare/points";
import { int8Of, knownOf, measuresOf, reportOf } from "@/compare/sample";
import { compareSearch, idsOf, withIds } from "@/compare/search";
import { jobOf } from "@/support/jobs";

describe("the address", () => {
  test("names the jobs in their order, each once, and eight at most", () => {
    expect(idsOf(compareSearch({ jobs: "b,a, b,,c" }).jobs)).toEqual(["b", "a", "c"]);
    const many = Array.from({ length: 12 }, (_none, place) => `job_${place}`);
    expect(idsOf(withIds(many).jobs)).toHaveLength(8);
  });

  test("may repeat the name, as other lists do", () => {
    expect(compareSearch({ jobs: ["a", "b"] })).toEqual({ jobs: "a,b" });
  });

  test("without jobs says nothing of them", () => {
    expect(compareSearch({ jobs: "", cost: "miles" })).toEqual({});
    expect(compareSearch({ cost: "ms" })).toEqual({ cost: "ms" });
  });
});

describe("a result", () => {
  test("is what the report has measured", () => {
    const result = resultOf(knownOf("a", { report: reportOf() }));
    expect(result).toMatchObject({ teacher: 0.95, student: 0.93, int8: 0.92, int8Mb: 0.4 });
    expect(result.difference).toBeCloseTo(-0.02);
    expect(result.int8Ms).toBeNull();
  });

  test("is that of the last epoch while there is no report", () => {
    const last = { "val/top1": { value: 0.7 }, "training_teacher/val/top1": { value: 0.9 } };
    const result = resultOf(knownOf("a", { job: jobOf("a", { state: "running", last }) }));
    expect(result).toMatchObject({ teacher: 0.9, student: 0.7, sizeMb: null });
  });

  test("has no difference from a teacher that was not measured", () => {
    const report = reportOf({ teacher: null });
    expect(resultOf(knownOf("a", { report })).difference).toBeNull();
  });

  test("leaves out an int8 file that could not be made", () => {
    const artifacts = [int8Of("failed")];
    expect(resultOf(knownOf("a", { report: reportOf({ artifacts }) })).int8).toBeNull();
  });

  test("is the best only where there is a worse one", () => {
    expect(bestOf([0.9, null, 0.8], "more")).toBe(0.9);
    expect(bestOf([2, 1], "less")).toBe(1);
    expect(bestOf([1, 1], "less")).toBeNull();
    expect(bestOf([1, null], "less")).toBeNull();
  });
});

describe("the points of worth against cost", () => {
  const labelsOf = (plot: Plot | undefined) =>
    plot?.points.map(({ label, jobId, kind }) => [label, jobId, kind]);

  test("are of every job, and lead to it", () => {
    const one = knownOf("a", { report: reportOf({ artifacts: [int8Of("failed")] }) });
    const two = knownOf("b", { report: reportOf() });
    expect(labelsOf(plotsOf([one, two], "size_mb")[0])).toEqual([
      ["teacher of 2 jobs", "a", "teacher"],
      ["name of a student", "a", "student"],
      ["name of b student", "b", "student"],
      ["name of b onnx_int8", "b", "int8"],
    ]);
  });

  test("are there where each job has but one model, and its weights are no second", () => {
    const weights = { ...int8Of("ready"), name: "safetensors", format: "safetensors" };
    const report = reportOf({ teacher: null, artifacts: [weights] });
    const plots = plotsOf([knownOf("a", { report }), knownOf("b", { report })], "size_mb");
    expect(plots.map(labelsOf)).toEqual([
      [
        ["name of a student", "a", "student"],
        ["name of b student", "b", "student"],
      ],
    ]);
  });

  test("are of one kind of worth and one device in a plot, the fullest first", () => {
    const { measured, ...costs } = measuresOf(0.9, 1);
    const file = {
      ...int8Of("ready"),
      ...costs,
      measured: { ...measured, runtime: "onnxruntime" },
    };
    const artifacts = [file, { ...file, name: "onnx", format: "onnx" }];
    const report = reportOf({ teacher: null, device: "cuda", artifacts });
    const plots = plotsOf([knownOf("a", { report })], "latency_ms_p50");
    expect(plots.map(({ device, points }) => [device, points.length])).toEqual([
      ["cpu", 2],
      ["cuda", 1],
    ]);
  });

  test("are of agreement where nobody knows what is right", () => {
    const student = { ...measuresOf(null, 1.5), agreement_teacher: 0.8 };
    const report = reportOf({ student, artifacts: [] });
    const [plot] = plotsOf([knownOf("a", { report })], "size_mb");
    expect(plot?.worth).toBe("agreement_teacher");
    expect(plot?.points.map(({ worth }) => worth)).toEqual([0.8]);
  });

  test("are none of a job without a report", () => {
    expect(plotsOf([knownOf("a")], "size_mb")).toEqual([]);
  });
});

describe("the budgets in words", () => {
  const words = { cost: (mb: number) => `${mb} MB`, worth: (top1: number) => `${top1 * 100}%` };
  const points = [
    { id: "1", label: "large", cost: 10, worth: 0.9 },
    { id: "2", label: "small", cost: 1, worth: 0.8 },
    { id: "3", label: "smaller", cost: 0.5, worth: 0.8 },
  ];

  test("count those that meet both, and name the best and cheapest of them", () => {
    expect(budgetWords(points, { cost: 2, worth: 0.8 }, words)).toBe(
      "2 of 3 models are at most 2 MB and at least 80%; the best is smaller: 80% at 0.5 MB.",
    );
  });

  test("say when none does, and when all do", () => {
    expect(budgetWords(points, { cost: 0.1, worth: null }, words)).toBe(
      "None of 3 models is at most 0.1 MB.",
    );
    expect(budgetWords(points, { cost: 20, worth: null }, words)).toContain("All of 3 models are");
  });

  test("say what the lines are for while there are none", () => {
    expect(budgetWords(points, { cost: null, worth: null }, words)).toMatch(/^Move the lines/);
  });
});

describe("the curves", () => {
  const curves = {
    series: [
      {
        name: "val/top1",
        steps: [10, 20, 20, 30],
        epochs: [1, 2, 2, null],
        values: [0.1, 0.2, 0.25, 0.3],
        nonfinite: [null, null, null, null],
        sampled: false,
      },
    ],
  };

  test("are drawn by step, or by the epochs that are known", () => {
    const jobs = [knownOf("a", { curves })];
    expect(linesOf(jobs, "val/top1", "step")[0]).toMatchObject({
      steps: [10, 20, 30],
      values: [0.1, 0.25, 0.3],
    });
    expect(linesOf(jobs, "val/top1", "epoch")[0]).toMatchObject({
      steps: [1, 2],
      values: [0.1, 0.25],
    });
  });

  test("keep a line, and so a colour, for a job without points", () => {
    const lines = linesOf([knownOf("a"), knownOf("b", { curves })], "val/top1", "step");
    expect(lines.map(({ id, steps }) => [id, steps.length])).toEqual([
      ["a", 0],
      ["b", 3],
    ]);
    expect(hasPoints(lines)).toBe(true);
    expect(hasPoints(lines.slice(0, 1))).toBe(false);
  });
});

test("a lane asks one after the other, and goes on after a failure", async () => {
  const lane = openLane();
  const said: string[] = [];
  const ask = (name: string, fails = false) =>
    lane(async () => {
      said.push(`${name} begins`);
      await Promise.resolve();
      said.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const first = ask("a", true);
  const second = ask("b");
  await expect(first).rejects.toThrow("a");
  await second;
  expect(said).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});
