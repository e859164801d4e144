import type { ReactNode } from "react";
import type { Gain, Report } from "@/job/report";
import { bytes, number, percent, points, ratio } from "@/look/format";
import styles from "./Figures.module.css";
import { difference, quotient } from "./models";

const MEGABYTE = 1_000_000;

/** The few numbers that a job is run for. */
export function Figures({ report }: { report: Report }) {
  const { student, teacher, kd_gain: gain } = report;
  const drop = difference(student.top1, teacher?.top1);
  const smaller = quotient(teacher?.size_mb, student.size_mb);
  const faster = quotient(teacher?.latency_ms_p50, student.latency_ms_p50);
  return (
    <dl className={styles.figures}>
      {student.top1 != null ? (
        <Figure title="Top-1 of the student" value={percent(student.top1)}>
          {drop !== null && `${points(drop)} points to the teacher`}
        </Figure>
      ) : (
        <Figure title="Answers as the teacher" value={percent(student.agreement_teacher)}>
          the data has no labels
        </Figure>
      )}
      {gain !== null && (
        <Figure title="What the teacher brought" value={`${points(gain.top1)} points`}>
          {gainSaid(gain)}
        </Figure>
      )}
      <Figure title="Size of the student" value={bytes(student.size_mb * MEGABYTE)}>
        {smaller !== null && `the teacher is ${ratio(smaller)} as large`}
      </Figure>
      <Figure title="Time of a batch" value={`${number(student.latency_ms_p50)} ms`}>
        {faster !== null && `the teacher takes ${ratio(faster)} as long`}
      </Figure>
    </dl>
  );
}

function Figure({
  title,
  value,
  children,
}: {
  title: string;
  value: string;
  children?: ReactNode;
}) {
  return (
    <div className={styles.figure}>
      <dt className={styles.title}>{title}</dt>
      <dd className={styles.value}>{value}</dd>
      {children && <dd className={styles.note}>{children}</dd>}
    </div>
  );
}

/** Zero inside the interval means that luck alone may be what is seen. */
export function gainSaid({ low, high, over }: Gain): string {
  const luck = low <= 0 && high >= 0 ? "; may be luck" : "";
  return `95% between ${points(low)} and ${points(high)}, over ${over}${luck}`;
}
