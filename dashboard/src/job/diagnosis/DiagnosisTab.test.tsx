import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Diagnosis, Flip, Measures, ModelDiagnosis, Report } from "@/job/report";
import { jobOf } from "@/support/jobs";
import { DiagnosisTab } from "./DiagnosisTab";

afterEach(cleanup);

const STUDENT: Measures = {
  ...{ top1: 0.9, top5: null, macro_f1: null, ece: 0.05, agreement_teacher: null },
  per_class: ["cat", "dog"].map((name) => ({
    ...{ name, samples: 10, recall: 1, precision: 1, f1: 1 },
  })),
  ...{ parameters: null, macs: null, peak_mb: null },
  ...{ size_mb: 1, latency_ms_p50: 1, latency_ms_p95: 1, images_per_s: 1 },
  measured: {
    ...{ batch: 1, throughput_batch: 1, threads: 1, repeats: 1, samples: 20, runtime: null },
  },
};

function report(diagnosis: Partial<Diagnosis>): Report {
  const alone = { samples: 20, classes: 2, reference: null, models: [], classes_lost: [] };
  return {
    ...{ schema: 1, name: "a job", fingerprint: "", device: "cpu", chosen: {} },
    ...{ teacher: null, teachers: [], teacher_check: null, student: STUDENT, baseline: null },
    ...{ seeds: [], top1_over_seeds: null, kd_gain: null, test: null, artifacts: [] },
    ...{ fronts: [], gates: [], verdict: "not_evaluated" },
    diagnosis: { ...alone, flips: null, ...diagnosis },
  };
}

const BINS = [
  { count: 0, confidence: null, accuracy: null },
  { count: 20, confidence: 0.9, accuracy: 0.95 },
];

function model(
  name: string,
  matrix: number[][],
  difference: number[][] | null = null,
): ModelDiagnosis {
  return { name, confusion: { matrix, difference, largest: [], changed: [] }, calibration: BINS };
}

function flip(sample: string, kind: Flip["kind"]): Flip {
  const said = { answer: "cat", confidence: 0.7 };
  const thumbnail = "iVBORw0KGgo=";
  return { sample, kind, true: "dog", reference: said, student: said, margin: 0.3, thumbnail };
}

const RIGHT = [
  [10, 0],
  [0, 10],
];
const WORSE = [
  [10, 0],
  [2, 8],
];
const LESS = [
  [0, 0],
  [2, -2],
];

const WHOLE: Partial<Diagnosis> = {
  reference: "teacher",
  models: [
    model("teacher", RIGHT),
    model("student", WORSE, LESS),
    model("onnx", WORSE, LESS),
    model("onnx_int8", RIGHT, LESS),
  ],
  classes_lost: [{ name: "dog", samples: 10, reference: 1, student: 0.8, difference: -0.2 }],
  flips: {
    ...{ lost: 2, gained: 1, both_wrong: 0, differing: 3 },
    shown: [flip("one.png", "lost"), flip("two.png", "gained")],
  },
};

function show(diagnosis: Partial<Diagnosis>) {
  return render(<DiagnosisTab job={jobOf("job_1")} report={report(diagnosis)} />);
}

test("a job that is not finished says when there will be a diagnosis", () => {
  render(<DiagnosisTab job={jobOf("job_1", { state: "running" })} report={undefined} />);
  expect(screen.getByText("No diagnosis yet")).toBeTruthy();
});

test("a job that failed says that there is none", () => {
  render(<DiagnosisTab job={jobOf("job_1", { state: "failed" })} report={undefined} />);
  expect(screen.getByText("No diagnosis")).toBeTruthy();
});

test("a report of another version is said to be unreadable", () => {
  render(<DiagnosisTab job={jobOf("job_1")} report={null} />);
  expect(screen.getByText("There is no report that this page can read")).toBeTruthy();
});

test("the student is shown first, with what differs from the teacher and who is like it", () => {
  show(WHOLE);
  expect(screen.getByText("All answers of the student")).toBeTruthy();
  expect(screen.getByText("Less those of the teacher")).toBeTruthy();
  expect(screen.getByText("onnx: the same confusions as student.")).toBeTruthy();
});

test("the teacher alone has no difference to itself", () => {
  show(WHOLE);
  fireEvent.click(screen.getByRole("radio", { name: "teacher" }));
  expect(screen.getByText("All answers of the teacher")).toBeTruthy();
  expect(screen.queryByText("Less those of the teacher")).toBeNull();
});

test("flips have their pictures, and one kind of them can be looked at", () => {
  show(WHOLE);
  expect(screen.getByAltText("Sample one.png").getAttribute("src")).toBe(
    "data:image/png;base64,iVBORw0KGgo=",
  );
  fireEvent.click(screen.getByRole("radio", { name: "Gained" }));
  expect(screen.queryByAltText("Sample one.png")).toBeNull();
  expect(screen.getByAltText("Sample two.png")).toBeTruthy();
});

test("without labels there is what is known: where the two differ", () => {
  const shown = [{ ...flip("one.png", "unlabelled"), true: null }];
  show({
    reference: "teacher",
    flips: { lost: null, gained: null, both_wrong: null, differing: 1, shown },
  });
  expect(screen.getByText("The data has no labels")).toBeTruthy();
  expect(screen.getByText("95.00%")).toBeTruthy();
  expect(screen.getByText("Differs")).toBeTruthy();
  expect(screen.queryByText("Confusions")).toBeNull();
  expect(screen.queryByText("Calibration")).toBeNull();
});

test("without a teacher the student stands alone", () => {
  show({ models: [model("student", WORSE)] });
  expect(screen.getByText("There is no teacher to hold the student against")).toBeTruthy();
  expect(screen.getByText("All answers of the student")).toBeTruthy();
  expect(screen.queryByText("Classes that lost most")).toBeNull();
});

test("of many classes the largest confusions are listed", () => {
  const cell = { true: "cat", answered: "dog", count: 4, reference: 1 };
  const changed = [{ ...cell, answered: "cat", count: 6 }];
  const confusion = { matrix: null, difference: null, largest: [cell], changed };
  show({
    ...{ classes: 1000, reference: "teacher" },
    models: [{ name: "student", confusion, calibration: BINS }],
  });
  expect(screen.getByText("cat → dog")).toBeTruthy();
  expect(screen.getByText("cat → right")).toBeTruthy();
});
