/** Lines as parts of a sum: whether they can be, and all of them on the same steps. */
import type { Line } from "@/charts/LineChart";

/** Parts below zero would be drawn into each other. */
export function canStack(lines: readonly Line[]): boolean {
  return (
    lines.length > 1 &&
    lines.every(({ values }) => values.every((value) => value === null || value >= 0))
  );
}

/** Thinned lines keep different steps: between two points each goes on as it is drawn. */
export function onSameSteps(lines: readonly Line[]): readonly Line[] {
  const [first, ...others] = lines;
  if (first === undefined || others.every((line) => isSame(line.steps, first.steps))) return lines;
  const steps = [...new Set(lines.flatMap((line) => line.steps))].sort((a, b) => a - b);
  return lines.map((line) => ({ ...line, steps, values: valuesAt(steps, line) }));
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((step, place) => step === other[place]);
}

function valuesAt(steps: readonly number[], line: Line): (number | null)[] {
  let next = 0;
  return steps.map((step) => {
    while ((line.steps[next] ?? Number.POSITIVE_INFINITY) < step) next += 1;
    const value = line.values[next] ?? null;
    if (line.steps[next] === step) return value;
    const before = line.values[next - 1] ?? null;
    const [from = step, to = step] = [line.steps[next - 1], line.steps[next]];
    // Nothing before the first point, after the last one, and in a gap.
    if (value === null || before === null) return null;
    return before + ((value - before) * (step - from)) / (to - from);
  });
}
