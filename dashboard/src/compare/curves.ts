/** The curves of several jobs, laid over each other. */
import type { Line } from "@/charts/LineChart";
import type { Known } from "@/compare/compared";

export const CURVES = {
  "val/top1": "Accuracy on the validation samples",
  "val/loss": "Loss on the validation samples",
  "val/agreement": "How often the student answers as its teacher",
} as const;
export type CurveName = keyof typeof CURVES;
export const CURVE_NAMES: readonly CurveName[] = ["val/top1", "val/loss", "val/agreement"];

export type Along = "epoch" | "step";

/** A line for each job, also for one without points: so each keeps its colour. */
export function linesOf(jobs: readonly Known[], name: CurveName, along: Along): Line[] {
  return jobs.map(({ id, job, curves }) => {
    const series = curves?.series.find((each) => each.name === name);
    const steps: number[] = [];
    const values: (number | null)[] = [];
    series?.steps.forEach((step, place) => {
      const at = along === "step" ? step : (series.epochs[place] ?? null);
      // A second attempt tells an epoch again: what it says holds.
      const before = steps.at(-1);
      if (at === null || (before !== undefined && at < before)) return;
      if (at === before) {
        steps.pop();
        values.pop();
      }
      steps.push(at);
      values.push(series.values[place] ?? null);
    });
    return { id, label: job.name, steps, values };
  });
}

export function hasPoints(lines: readonly Line[]): boolean {
  return lines.some(({ steps }) => steps.length > 0);
}
