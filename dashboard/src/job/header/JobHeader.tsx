import type { Job } from "@/api/schema";
import { isOver } from "@/jobs/job";
import { Anchor } from "@/look/Anchor";
import { Chip } from "@/look/Chip";
import { Copyable } from "@/look/Copyable";
import { seconds } from "@/look/format";
import { Notice } from "@/look/Notice";
import { useNow } from "@/look/now";
import { Relative } from "@/look/Relative";
import { StateChip } from "@/look/StateChip";
import { VerdictChip } from "@/look/VerdictChip";
import { FailureNotice } from "./FailureNotice";
import styles from "./JobHeader.module.css";
import { PhaseStepper } from "./PhaseStepper";
import { ProgressLine } from "./ProgressLine";
import { stepsOf } from "./phases";
import { QueueNotice } from "./QueueNotice";

export function JobHeader({ job }: { job: Job }) {
  const going = !isOver(job) && job.state !== "queued";
  return (
    <div className={styles.header}>
      <div className={styles.line}>
        <StateChip state={job.state} phase={job.phase} />
        {job.verdict !== null && job.verdict !== "not_evaluated" && (
          <span className={styles.gates}>
            Gates <VerdictChip verdict={job.verdict} />
          </span>
        )}
        {job.priority !== "normal" && <Chip>{job.priority} priority</Chip>}
        <Times job={job} />
        <Copyable text={job.id} label="id" />
        {job.parent_id !== null && (
          <span className={styles.fact}>
            from <Anchor to={`/jobs/${job.parent_id}`}>its parent</Anchor>
          </span>
        )}
        <Labels labels={job.labels} />
      </div>
      {job.deleted_at !== null && (
        <Notice
          tone="warn"
          title="This job is in the trash"
          hint="Restore it to keep it; else it is swept away with all that it made."
        />
      )}
      {job.state !== "expired" && job.state !== "cancelled" && (
        <PhaseStepper steps={stepsOf(job)} stopped={job.state === "paused"} />
      )}
      {going && <ProgressLine job={job} />}
      {job.queue !== null && <QueueNotice queue={job.queue} />}
      {job.state === "expired" && (
        <Notice
          tone="warn"
          title="It waited for a worker for longer than it may"
          hint="Retry it when a worker is up, or give it more time in limits.queue_ttl_s."
        />
      )}
      {job.failure !== null && <FailureNotice job={job} failure={job.failure} />}
    </div>
  );
}

function Times({ job }: { job: Job }) {
  const now = useNow();
  const from = Date.parse(job.started_at ?? "");
  const until = job.finished_at === null ? now : Date.parse(job.finished_at);
  return (
    <span className={styles.fact}>
      submitted <Relative at={job.created_at} />
      {!Number.isNaN(from) && (
        <>
          {" · "}
          {isOver(job) ? "took" : "working for"} {seconds(Math.max(0, (until - from) / 1000))}
        </>
      )}
    </span>
  );
}

function Labels({ labels }: { labels: Job["labels"] }) {
  return Object.entries(labels).map(([name, value]) => (
    <Chip key={name} title={`${name}=${value}`}>
      {name}={value}
    </Chip>
  ));
}
