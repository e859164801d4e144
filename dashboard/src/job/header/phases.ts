/** The phases of a job in their order, as far as its specification tells before it runs. */
import { listIn, numberIn, textIn } from "@/api/loose";
import type { Job } from "@/api/schema";

export interface PhaseStep {
  phase: string;
  title: string;
  at: "done" | "now" | "failed" | "ahead";
}

const TITLES: Record<string, string> = {
  preparing_data: "Data",
  validating: "Check",
  training_teacher: "Train teacher",
  teacher_eval: "Measure teacher",
  training_baseline: "Train baseline",
  caching_teacher: "Record teacher",
  training: "Train student",
  packaging: "Package",
  evaluating: "Evaluate",
};
/** Those that only some jobs have, and cannot be told from the specification alone. */
const UNFORESEEN = new Set(["caching_teacher"]);

export function phaseTitle(phase: string): string {
  return TITLES[phase] ?? phase.replaceAll("_", " ");
}

/** Empty where nobody knows how far the job came. */
export function stepsOf(job: Job): PhaseStep[] {
  const current = job.failure?.phase ?? job.phase ?? job.progress?.phase ?? null;
  const planned = plannedOf(job, current);
  if (job.state === "succeeded") return planned.map((phase) => step(phase, "done"));
  if (current === null) return planned.map((phase) => step(phase, "ahead"));
  const here = planned.indexOf(current);
  return planned.map((phase, place) => {
    if (place !== here) return step(phase, place < here ? "done" : "ahead");
    return step(phase, job.state === "failed" ? "failed" : "now");
  });
}

function plannedOf({ resolved }: Job, current: string | null): string[] {
  const several = listIn(resolved, "teachers");
  const teachers = several.length > 0 ? several : [resolved.teacher].filter((one) => one != null);
  const absent = new Set<string>();
  if (teachers.length === 0) absent.add("teacher_eval");
  if (
    !teachers.some(
      (teacher) =>
        textIn(teacher, "recipe", "preset") !== null ||
        numberIn(teacher, "recipe", "epochs") !== null,
    )
  )
    absent.add("training_teacher");
  if (resolved.baseline !== true) absent.add("training_baseline");
  const known = Object.keys(TITLES).filter(
    (phase) => phase === current || !(absent.has(phase) || UNFORESEEN.has(phase)),
  );
  // A later service may have phases of which this page knows nothing.
  return current === null || known.includes(current) ? known : [...known, current];
}

function step(phase: string, at: PhaseStep["at"]): PhaseStep {
  return { phase, title: phaseTitle(phase), at };
}
