/** What the list shows of a job, read out of its specification and its metrics. */
import { listIn, numberIn, textIn } from "@/api/loose";
import type { Job } from "@/api/schema";

/** The network that is learnt from, by the name that people know it under. */
export function teacherOf(job: Job, models: ReadonlyMap<string, string>): string | null {
  const teachers = listIn(job.resolved, "teachers");
  if (teachers.length > 0) return `${teachers.length} teachers`;
  const checkpoint = textIn(job.resolved, "teacher", "checkpoint");
  const architecture = textIn(job.resolved, "teacher", "architecture");
  if (checkpoint === null) return architecture;
  return models.get(checkpoint) ?? architecture ?? checkpoint;
}

/** Its teacher is one of the library, whose name only the library knows. */
export function hasModel(job: Job): boolean {
  return textIn(job.resolved, "teacher", "checkpoint")?.startsWith("mdl_") ?? false;
}

export function studentOf(job: Job): string | null {
  return textIn(job.resolved, "student", "architecture");
}

/** Of the report once there is one, until then of the last epoch. */
export function studentTop1(job: Job): number | null {
  return lastOf(job, "top1") ?? lastOf(job, "val/top1");
}

/** As it was measured; until then of the last epoch, where this job trains it. */
export function teacherTop1(job: Job): number | null {
  return measuredTeacherTop1(job) ?? lastOf(job, "training_teacher/val/top1");
}

/** On the samples of the student; of several teachers, of all of them together. */
export function measuredTeacherTop1(job: Job): number | null {
  return lastOf(job, "teacher_top1");
}

/** The student's size divided by the teacher's. */
export function sizeRatio(job: Job): number | null {
  return lastOf(job, "size_ratio");
}

function lastOf(job: Job, metric: string): number | null {
  return numberIn(job.last, metric, "value");
}

/** Seconds from its first step to its end. */
export function tookSeconds(job: Job): number | null {
  if (job.started_at === null || job.finished_at === null) return null;
  return Math.max(0, (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000);
}
