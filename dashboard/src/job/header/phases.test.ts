import { expect, test } from "vitest";
import type { Job } from "@/api/schema";
import { stepsOf } from "@/job/header/phases";
import { jobOf } from "@/support/jobs";

function steps(differing: Partial<Job>): string[] {
  return stepsOf(jobOf("job_1", differing)).map(({ phase, at }) => `${phase} ${at}`);
}

const TRAINS_ALL = {
  teacher: { architecture: "resnet18", recipe: { epochs: 2 } },
  baseline: true,
};

test("a job shows the phases that its specification asks for", () => {
  const plain = stepsOf(jobOf("job_1")).map(({ phase }) => phase);
  const all = stepsOf(jobOf("job_2", { resolved: TRAINS_ALL })).map(({ phase }) => phase);

  expect(plain).not.toContain("training_teacher");
  expect(plain).not.toContain("training_baseline");
  expect(all).toContain("training_teacher");
  expect(all).toContain("training_baseline");
});

test("a job without a teacher has none to measure", () => {
  expect(steps({ resolved: {} }).some((step) => step.startsWith("teacher_eval"))).toBe(false);
});

test("what lies behind is done, and the rest is to come", () => {
  const all = steps({ state: "running", phase: "training" });

  expect(all).toContain("teacher_eval done");
  expect(all).toContain("training now");
  expect(all).toContain("packaging ahead");
});

test("a job that failed shows where", () => {
  const failure: Job["failure"] = {
    class: "user_error",
    code: "teacher_below_floor",
    message: "",
    hint: "",
    phase: "teacher_eval",
    attempt: 1,
    log_tail_url: "",
  };

  expect(steps({ state: "failed", failure })).toContain("teacher_eval failed");
});

test("a phase that nobody foresaw is shown when it comes", () => {
  expect(steps({ state: "running", phase: "caching_teacher" })).toContain("caching_teacher now");
  expect(steps({ state: "running", phase: "from_the_future" })).toContain("from_the_future now");
});
