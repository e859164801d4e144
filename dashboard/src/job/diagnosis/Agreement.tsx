import type { Diagnosis, Report } from "@/job/report";
import { count, MISSING, percent } from "@/look/format";
import styles from "./DiagnosisTab.module.css";

/** How far student and reference are of one mind, in a few numbers. */
export function Agreement({ report, diagnosis }: { report: Report; diagnosis: Diagnosis }) {
  const { flips, reference, samples, classes } = diagnosis;
  return (
    <dl className={styles.figures}>
      <Figure
        title="Held-out samples"
        value={count(samples)}
        note={`of ${count(classes)} classes`}
      />
      {reference && flips && (
        <Figure
          title={`Answers as the ${reference}`}
          value={percent(agreement(report, diagnosis))}
          note={`${count(flips.differing)} answered otherwise`}
        />
      )}
      {flips?.lost != null && (
        <Figure title="Lost" value={count(flips.lost)} note={`the ${reference} had them right`} />
      )}
      {flips?.gained != null && (
        <Figure title="Gained" value={count(flips.gained)} note="the student has them right" />
      )}
      {flips?.both_wrong != null && (
        <Figure title="Both wrong" value={count(flips.both_wrong)} note="in different ways" />
      )}
    </dl>
  );
}

function agreement({ student }: Report, { reference, flips, samples }: Diagnosis): number | null {
  if (reference === "teacher" && student.agreement_teacher != null) {
    return student.agreement_teacher;
  }
  return flips && samples > 0 ? 1 - flips.differing / samples : null;
}

function Figure({ title, value, note }: { title: string; value: string; note: string }) {
  return (
    <div className={styles.figure}>
      <dt>{title}</dt>
      <dd className={styles.value}>{value || MISSING}</dd>
      <dd className={styles.soft}>{note}</dd>
    </div>
  );
}
