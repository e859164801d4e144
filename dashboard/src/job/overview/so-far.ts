/** What is known of the models of a job while it still works. */
import type { Job } from "@/api/schema";
import { isRecord, numberOf } from "@/job/unknown";

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
  return PREFIXES.map(([name, prefix]) => {
    const top1 = pointOf(last[`${prefix}val/top1`]);
    const highest = pointOf(best[`${prefix}val/top1`]);
    return {
      name,
      best: highest.value,
      bestEpoch: highest.epoch,
      last: top1.value,
      lastEpoch: top1.epoch,
      agreement: pointOf(last[`${prefix}val/agreement`]).value,
      loss: pointOf(last[`${prefix}train/loss`]).value,
      imagesPerSecond: pointOf(last[`${prefix}train/images_per_s`]).value,
    };
  }).filter(({ loss, last: top1 }) => loss !== null || top1 !== null);
}

function pointOf(found: unknown): { value: number | null; epoch: number | null } {
  if (!isRecord(found)) return { value: null, epoch: null };
  return { value: numberOf(found.value), epoch: numberOf(found.epoch) };
}
