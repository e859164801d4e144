/** The columns of the list of jobs. */
import type { Job } from "@/api/schema";
import { JobMenu } from "@/jobs/JobMenu";
import styles from "@/jobs/jobs.module.css";
import { sizeRatio, studentOf, studentTop1, teacherOf, teacherTop1 } from "@/jobs/numbers";
import { Progress } from "@/jobs/Progress";
import type { Places } from "@/jobs/queries";
import type { Verb } from "@/jobs/verbs";
import { MISSING, percent, points, ratio } from "@/look/format";
import { Relative } from "@/look/Relative";
import { StateChip } from "@/look/StateChip";
import type { Column } from "@/look/Table";
import { VerdictChip } from "@/look/VerdictChip";

interface Beside {
  models: ReadonlyMap<string, string>;
  places: Places;
  onVerb: (verb: Verb, job: Job) => void;
}

export function columnsOf({ models, places, onVerb }: Beside): readonly Column<Job>[] {
  return [
    {
      id: "name",
      title: "Name",
      sortable: true,
      cell: (job) => <span title={job.name}>{job.name}</span>,
    },
    {
      id: "models",
      title: "Teacher → student",
      hideBelow: "tablet",
      width: "17%",
      cell: (job) => <Models teacher={teacherOf(job, models)} student={studentOf(job)} />,
    },
    {
      id: "state",
      title: "State",
      width: "min(150px, 34vw)",
      cell: (job) => <StateChip state={job.state} phase={job.phase} />,
    },
    {
      id: "progress",
      title: "Progress",
      hideBelow: "phone",
      width: "164px",
      cell: (job) => <Progress job={job} place={job.queue ?? places[job.id] ?? null} />,
    },
    {
      id: "top1",
      title: "Top-1 vs teacher",
      align: "end",
      hideBelow: "phone",
      width: "148px",
      cell: (job) => <Top1 student={studentTop1(job)} teacher={teacherTop1(job)} />,
    },
    {
      id: "size",
      title: "Size",
      align: "end",
      hideBelow: "tablet",
      width: "72px",
      cell: (job) => <SizeRatio of={sizeRatio(job)} />,
    },
    {
      id: "verdict",
      title: "Gates",
      hideBelow: "tablet",
      width: "106px",
      cell: (job) => <VerdictChip verdict={job.verdict} />,
    },
    {
      id: "created_at",
      title: "Age",
      align: "end",
      sortable: true,
      hideBelow: "phone",
      width: "96px",
      cell: (job) => <Relative at={job.created_at} />,
    },
    {
      id: "actions",
      title: <span className="unseen">Actions</span>,
      align: "end",
      width: "60px",
      cell: (job) => <JobMenu job={job} onVerb={(verb) => onVerb(verb, job)} />,
    },
  ];
}

function Models({ teacher, student }: { teacher: string | null; student: string | null }) {
  const text = `${teacher ?? "no teacher"} → ${student ?? "?"}`;
  return (
    <span className={styles.models} title={text}>
      <span className={styles.teacher}>{teacher ?? "no teacher"}</span>
      <span className={styles.arrow}>→</span>
      <span className={styles.student}>{student ?? MISSING}</span>
    </span>
  );
}

function Top1({ student, teacher }: { student: number | null; teacher: number | null }) {
  if (student === null) return <span className={styles.faint}>{MISSING}</span>;
  if (teacher === null) return percent(student);
  const difference = student - teacher;
  return (
    <span title={`The teacher has ${percent(teacher)}`}>
      {percent(student)}{" "}
      <span className={difference < 0 ? styles.below : styles.above}>
        <span aria-hidden="true">{difference < 0 ? "▼" : "▲"}</span> {points(difference)}
      </span>
    </span>
  );
}

function SizeRatio({ of: known }: { of: number | null }) {
  if (known === null) return <span className={styles.faint}>{MISSING}</span>;
  return <span title="The size of the student, divided by the teacher's">{ratio(known)}</span>;
}
