/** The names of series: of which training of the job they are, and what they measure. */

export interface SeriesName {
  /** "" for the student that is shipped, else a prefix such as `training_baseline/seed-1/`. */
  training: string;
  /** `train/loss`, `val/top1` ... */
  measure: string;
}

const TRAININGS = /^((?:training_[a-z]+\/)?(?:seed-[^/]+\/)?)(.+)$/;

/** Null for what is no curve: the last word on the student has a name without a slash. */
export function parsedName(name: string): SeriesName | null {
  const [, training = "", measure = ""] = TRAININGS.exec(name) ?? [];
  return measure.includes("/") ? { training, measure } : null;
}

/** In the order in which a job trains; the shipped student stands first. */
const ORDER = ["", "training_baseline/", "training_teacher/"];

export function trainingsIn(names: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const parsed = parsedName(name);
    if (parsed !== null) found.add(parsed.training);
  }
  const place = (training: string) =>
    ORDER.indexOf(phaseOf(training)) * 2 + (seedOf(training) ? 1 : 0);
  return [...found].sort((a, b) => place(a) - place(b) || a.localeCompare(b, "en"));
}

/** `firstSeed` is the one whose curves have no seed in their names; null where there is but one. */
export function trainingTitle(training: string, firstSeed: number | null): string {
  const seed = seedOf(training) ?? (firstSeed === null ? null : String(firstSeed));
  const title = phaseTitle(phaseOf(training));
  return seed === null || isTeacher(training) ? title : `${title}, seed ${seed}`;
}

export function isTeacher(training: string): boolean {
  return phaseOf(training) === "training_teacher/";
}

export function isStudent(training: string): boolean {
  return phaseOf(training) === "";
}

/** What one chart shows: a training, and of the others what it is held against. */
export function wantedNames(names: Iterable<string>, training: string): string[] {
  return [...names].filter((name) => {
    const parsed = parsedName(name);
    if (parsed === null) return false;
    return (
      parsed.training === training ||
      (parsed.measure === "val/top1" && !isTeacher(parsed.training) && !isTeacher(training))
    );
  });
}

function phaseOf(training: string): string {
  return training.replace(/seed-[^/]+\/$/, "");
}

function seedOf(training: string): string | null {
  return /seed-([^/]+)\/$/.exec(training)?.[1] ?? null;
}

function phaseTitle(phase: string): string {
  switch (phase) {
    case "":
      return "Student";
    case "training_baseline/":
      return "Baseline";
    case "training_teacher/":
      return "Teacher";
    default:
      return phase.replace(/^training_|\/$/g, "");
  }
}
