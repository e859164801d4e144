import { expect, test } from "vitest";
import type { ModelDiagnosis } from "@/job/report";
import { alike, sameCalibration, sameConfusion, styleOf } from "./models";

const EMPTY = { count: 0, confidence: null, accuracy: null };
const NOTHING = { difference: null, largest: [], changed: [] };

function model(name: string, more: Partial<ModelDiagnosis> = {}): ModelDiagnosis {
  const confusion = {
    matrix: [
      [9, 1],
      [0, 10],
    ],
    ...NOTHING,
  };
  return { name, confusion, calibration: [EMPTY], ...more };
}

test("a file that answers as the student does is named beside it", () => {
  const other = model("teacher", { confusion: { matrix: [[10, 0]], ...NOTHING } });
  const found = alike([other, model("student"), model("onnx"), model("onnx_int8")], sameConfusion);
  expect(found.map(({ model, others }) => [model.name, others])).toEqual([
    ["teacher", []],
    ["student", ["onnx", "onnx_int8"]],
  ]);
});

test("without a whole matrix the largest confusions are compared", () => {
  const cell = { true: "cat", answered: "dog", count: 3, reference: null };
  const one = model("student", { confusion: { matrix: null, ...NOTHING, largest: [cell] } });
  const other = model("onnx_int8", {
    confusion: { matrix: null, ...NOTHING, largest: [{ ...cell, count: 4 }] },
  });
  expect(sameConfusion(one, one)).toBe(true);
  expect(sameConfusion(one, other)).toBe(false);
});

test("calibration is the same but for the rounding of confidences", () => {
  const bin = { count: 5, confidence: 0.51, accuracy: 0.6 };
  const one = model("student", { calibration: [bin] });
  expect(sameCalibration(one, model("onnx", { calibration: [{ ...bin, confidence: 0.5 }] }))).toBe(
    true,
  );
  expect(sameCalibration(one, model("onnx", { calibration: [{ ...bin, count: 6 }] }))).toBe(false);
});

test("the models keep the colours that they have elsewhere", () => {
  expect(styleOf("teacher", 0).colour).toBe("teacher");
  expect(styleOf("onnx_int8", 3)).toEqual({ colour: "int8", shape: "triangle" });
  expect(styleOf("onnx_uint8", 4).colour).not.toBe(styleOf("torch_export", 5).colour);
});
