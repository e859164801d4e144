/** What is known of the models of a job while it still works. */
import { numberIn } from "@/api/loose";
import type { Job } from "@/api/schema";

export interface SoFar {
  name: "teacher" | "baseline" | "student";
  /** The best top-1 on the validation split until now, and when that was. */
  best: number | null;
  bestEpoch: number | null;
  last: number | null;
  lastEpoch: number | null;
  agreement: number | null;
  loss: number | null;
  imagesPerSecond: number | null;
}

const PREFIXES = [
  ["teacher", "training_teacher/"],
  ["baseline", "training_baseline/"],
  ["student", ""],
] as const;

export function soFarOf({ best, last }: Pick<Job, "best" | "last">): SoFar[] {
  return PREFIXES.map(([name, prefix]) => ({
    name,
    best: numberIn(best, `${prefix}val/top1`, "value"),
    bestEpoch: numberIn(best, `${prefix}val/top1`, "epoch"),
    last: numberIn(last, `${prefix}val/top1`, "value"),
    lastEpoch: numberIn(last, `${prefix}val/top1`, "epoch"),
    agreement: numberIn(last, `${prefix}val/agreement`, "value"),
    loss: numberIn(last, `${prefix}train/loss`, "value"),
    imagesPerSecond: numberIn(last, `${prefix}train/images_per_s`, "value"),
  })).filter((line) => line.loss !== null || line.last !== null);
}
