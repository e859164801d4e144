import type { Job } from "@/api/schema";
import type { Diagnosis, Report } from "@/job/report";
import { isOver } from "@/jobs/job";
import { Empty } from "@/look/Empty";
import { Notice } from "@/look/Notice";
import { Skeleton } from "@/look/Skeleton";
import { Agreement } from "./Agreement";
import { Calibration } from "./Calibration";
import { ClassesLost } from "./ClassesLost";
import { Confusions } from "./Confusions";
import styles from "./DiagnosisTab.module.css";
import { FlipsSection } from "./FlipsSection";

interface DiagnosisTabProps {
  job: Job;
  /** Undefined while it is being fetched; null where this page can read none. */
  report: Report | null | undefined;
}

export function DiagnosisTab({ job, report }: DiagnosisTabProps) {
  if (job.state !== "succeeded") return <NotYet isOver={isOver(job)} />;
  if (report === undefined) return <Waiting />;
  if (report === null) {
    return (
      <Notice
        tone="warn"
        title="There is no report that this page can read"
        hint="It may be of another version of Stillhouse; its file is among the artifacts."
      />
    );
  }
  const { diagnosis } = report;
  if (!diagnosis) {
    return (
      <Empty title="This job has no diagnosis">
        Its report was written without one. Clone the job to have one made.
      </Empty>
    );
  }
  return <Parts report={report} diagnosis={diagnosis} />;
}

function Parts({ report, diagnosis }: { report: Report; diagnosis: Diagnosis }) {
  const isLabelled = (diagnosis.models ?? []).length > 0;
  return (
    <div className={styles.tab}>
      {!isLabelled && (
        <Notice tone="info" title="The data has no labels">
          So nobody knows which answers are right: there are no confusions, no classes and no
          calibration, but where the student answers otherwise than the teacher.
        </Notice>
      )}
      {!diagnosis.reference && (
        <Notice
          tone="info"
          title="There is no teacher to hold the student against"
          hint="With baseline: true in the specification it would be held against the same student without a teacher."
        />
      )}
      <Agreement report={report} diagnosis={diagnosis} />
      {isLabelled && <Confusions report={report} diagnosis={diagnosis} />}
      {isLabelled && diagnosis.reference && (
        <ClassesLost lost={diagnosis.classes_lost ?? []} reference={diagnosis.reference} />
      )}
      {diagnosis.flips && diagnosis.reference && (
        <FlipsSection flips={diagnosis.flips} reference={diagnosis.reference} />
      )}
      {isLabelled && <Calibration report={report} diagnosis={diagnosis} />}
    </div>
  );
}

function NotYet({ isOver }: { isOver: boolean }) {
  return isOver ? (
    <Empty title="No diagnosis">
      The job did not come to its end, so its models were not held against each other.
    </Empty>
  ) : (
    <Empty title="No diagnosis yet">
      It is made of the answers of all models to the held-out samples, when the job is finished.
    </Empty>
  );
}

function Waiting() {
  return (
    <div className={styles.tab} aria-busy="true">
      <span className="unseen" role="status">
        The diagnosis is being fetched.
      </span>
      <Skeleton height={74} />
      <div className={styles.maps}>
        <Skeleton height={520} />
        <Skeleton height={520} />
      </div>
    </div>
  );
}
