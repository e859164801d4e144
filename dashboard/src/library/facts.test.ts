import { expect, test } from "vitest";
import type { DatasetVersion, Model } from "@/api/schema";
import { dataFacts, modelFacts } from "@/library/facts";

const common = {
  problems: [],
  bytes: 1,
  sha256: "0",
  created_at: "2026-03-02T09:00:00Z",
  state: "ready" as const,
};

function versionOf(facts: DatasetVersion["facts"]): DatasetVersion {
  return { ...common, version: 1, ref: "ds_1@1", facts };
}

function modelOf(facts: Model["facts"]): Model {
  return { ...common, id: "mdl_1", project: "default", name: "m", architecture: null, facts };
}

const report = {
  layout: "image folder",
  samples: { train: 1200, validation: 20 },
  class_counts: { train: [24, 18], validation: [6, 4] },
  classes_left_out: 3,
  width: { min: 24, median: 30, max: 640 },
  height: { min: 24, median: 24, max: 24 },
  duplicates: { count: 2, examples: [] },
};

test("a class has as many samples as all its splits", () => {
  const { bars, leftOut } = dataFacts(versionOf({ class_names: ["ant", "bee"], report }));
  expect(bars).toEqual([
    { id: "0", label: "ant", value: 30 },
    { id: "1", label: "bee", value: 22 },
  ]);
  expect(leftOut).toBe(3);
});

test("the report of a data set is said in words", () => {
  expect(dataFacts(versionOf({ samples: 1220, labelled: true, report }))).toMatchObject({
    samples: 1220,
    splits: "1,200 train, 20 validation",
    images: "24 to 640 × 24 pixels",
    oddities: ["2 copies of images that are there already"],
  });
});

test("a set without labels has no bars", () => {
  const facts = { labelled: false, report: { ...report, class_counts: null } };
  expect(dataFacts(versionOf(facts))).toMatchObject({ labelled: false, bars: [] });
});

test("what is being checked, or was rejected, has no facts", () => {
  expect(dataFacts(versionOf(null))).toMatchObject({ samples: null, bars: [], warnings: [] });
  expect(modelFacts(modelOf(null))).toMatchObject({ parameters: null, warnings: [] });
});

test("a graph tells its opset, and not its parameters", () => {
  const facts = { format: "onnx", opset: 17, classes: 10, warnings: ["odd", 3] };
  expect(modelFacts(modelOf(facts))).toMatchObject({
    opset: 17,
    classes: 10,
    parameters: null,
    warnings: ["odd"],
  });
});
