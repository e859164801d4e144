/** The models of a diagnosis: which of them differ, and how they are told apart. */
import type { Colour } from "@/charts/colours";
import type { CalibrationBin, ModelDiagnosis, Report } from "@/job/report";

export interface Alike {
  model: ModelDiagnosis;
  /** Others that answered the same. */
  others: string[];
}

/** Models that answered alike stand once: a file usually answers as its student does. */
export function alike(
  models: readonly ModelDiagnosis[],
  same: (one: ModelDiagnosis, other: ModelDiagnosis) => boolean,
): Alike[] {
  const found: Alike[] = [];
  for (const model of models) {
    const first = found.find((one) => same(one.model, model));
    if (first === undefined) found.push({ model, others: [] });
    else first.others.push(model.name);
  }
  return found;
}

/** Of many classes only the largest confusions are told, so only those can be compared. */
export function sameConfusion({ confusion: one }: ModelDiagnosis, other: ModelDiagnosis): boolean {
  const { matrix, largest, changed } = other.confusion;
  return one.matrix
    ? isEqual(one.matrix, matrix)
    : isEqual([one.largest, one.changed ?? []], [largest, changed ?? []]);
}

/** But for the rounding of confidences. */
export function sameCalibration(one: ModelDiagnosis, other: ModelDiagnosis): boolean {
  const counts = (bins: readonly CalibrationBin[]) =>
    bins.map(({ count, accuracy }) => [count, accuracy ?? null]);
  return isEqual(counts(one.calibration), counts(other.calibration));
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whose accuracy is how far from what it believes; null where it was not measured. */
export function calibrationError(report: Report, name: string): number | null {
  const model = [
    { ...report.student, name: "student" },
    ...(report.teacher ? [{ ...report.teacher, name: "teacher" }] : []),
    ...(report.baseline ? [{ ...report.baseline, name: "baseline" }] : []),
    ...report.artifacts,
  ].find((one) => one.name === name);
  return model?.ece ?? null;
}

export type Shape = "square" | "circle" | "cross" | "triangle" | "diamond";

export interface Style {
  colour: Colour;
  /** So that colour is not all that tells them apart. */
  shape: Shape;
}

const FREE: readonly Colour[] = ["sixth", "seventh", "eighth"];

/** Of a model by its name, which is `teacher`, `student`, `baseline` or that of a file. */
export function styleOf(name: string, place: number): Style {
  switch (name) {
    case "teacher":
      return { colour: "teacher", shape: "square" };
    case "student":
      return { colour: "student", shape: "circle" };
    case "baseline":
      return { colour: "baseline", shape: "cross" };
    case "onnx_int8":
      return { colour: "int8", shape: "triangle" };
    case "onnx":
      return { colour: "onnx", shape: "diamond" };
    default:
      return { colour: FREE[place % FREE.length] ?? "sixth", shape: "diamond" };
  }
}

/** What a class is called, by its place; the report names every class once. */
export function classNames(report: Report, classes: number): string[] {
  const named = report.student.per_class ?? [];
  return Array.from({ length: classes }, (_, place) => named[place]?.name ?? String(place));
}
