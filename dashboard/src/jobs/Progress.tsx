import type { Job, WaitReason } from "@/api/schema";
import styles from "@/jobs/jobs.module.css";
import { tookSeconds } from "@/jobs/numbers";
import { percent, seconds } from "@/look/format";
import { ProgressBar } from "@/look/ProgressBar";

interface Props {
  job: Job;
  place: Job["queue"];
}

/** How far a job is, in the words of its state: a place, a share, a time, or what went wrong. */
export function Progress({ job, place }: Props) {
  switch (job.state) {
    case "queued":
      return <span className={styles.faint}>{placeText(place)}</span>;
    case "starting":
    case "running":
    case "pausing":
    case "cancelling":
    case "paused":
      return <Bar job={job} />;
    case "succeeded":
      return <span className={styles.faint}>took {seconds(tookSeconds(job))}</span>;
    case "failed":
      return <FailureText job={job} />;
    case "cancelled":
    case "expired":
      return job.progress ? <Bar job={job} /> : null;
  }
}

function Bar({ job }: { job: Job }) {
  const { progress, state } = job;
  const isMoving = state === "running" || state === "starting";
  const share = progress ? percent(progress.fraction, 0) : "";
  const left = isMoving && progress?.eta_s != null ? `${seconds(progress.eta_s)} left` : "";
  return (
    <span className={styles.progress}>
      <ProgressBar
        fraction={progress?.fraction ?? (isMoving ? null : 0)}
        label={`Progress of ${job.name}`}
        tone={isMoving ? "info" : "neutral"}
      />
      <span className={styles.share}>{[share, left].filter(Boolean).join(" · ")}</span>
    </span>
  );
}

function FailureText({ job }: { job: Job }) {
  if (job.failure === null) return null;
  const { message, hint } = job.failure;
  return (
    <span className={styles.failure} title={[message, hint].filter(Boolean).join("\n")}>
      {message}
    </span>
  );
}

const REASONS: Record<WaitReason, string> = {
  no_worker: "no worker is up",
  jobs_ahead: "behind others",
  workers_busy: "workers are busy",
  about_to_start: "about to start",
};

function placeText(place: Job["queue"]): string {
  if (place === null) return "in the queue";
  const { position, reason } = place;
  return position === 1 ? `next · ${REASONS[reason]}` : `no. ${position} · ${REASONS[reason]}`;
}
