import { expect, test } from "vitest";
import { parsedName, trainingsIn, trainingTitle, wantedNames } from "./names";

test("a name says which training it is of", () => {
  expect(parsedName("train/term/1.dkd.nckd")).toEqual({
    training: "",
    measure: "train/term/1.dkd.nckd",
  });
  expect(parsedName("training_baseline/seed-1/val/top1")).toEqual({
    training: "training_baseline/seed-1/",
    measure: "val/top1",
  });
  expect(parsedName("seed-7/train/lr")).toEqual({ training: "seed-7/", measure: "train/lr" });
});

test("what is said of the student once is no curve", () => {
  expect(parsedName("macro_f1")).toBeNull();
});

test("the shipped student comes first and the teacher last", () => {
  const names = [
    "training_teacher/val/top1",
    "training_baseline/seed-1/val/top1",
    "training_baseline/val/top1",
    "seed-1/val/top1",
    "val/top1",
    "top1",
  ];
  expect(trainingsIn(names)).toEqual([
    "",
    "seed-1/",
    "training_baseline/",
    "training_baseline/seed-1/",
    "training_teacher/",
  ]);
});

test("seeds are named where there are several", () => {
  expect(trainingTitle("", null)).toBe("Student");
  expect(trainingTitle("", 0)).toBe("Student, seed 0");
  expect(trainingTitle("seed-1/", 0)).toBe("Student, seed 1");
  expect(trainingTitle("training_baseline/", null)).toBe("Baseline");
  expect(trainingTitle("training_teacher/", 0)).toBe("Teacher");
});

test("a training is asked for with the accuracy of those that it is held against", () => {
  const names = ["train/loss", "seed-1/val/top1", "seed-1/train/loss", "training_teacher/val/top1"];
  expect(wantedNames(names, "")).toEqual(["train/loss", "seed-1/val/top1"]);
  expect(wantedNames(names, "training_teacher/")).toEqual(["training_teacher/val/top1"]);
});
