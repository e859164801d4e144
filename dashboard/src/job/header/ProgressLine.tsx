import type { Job, Progress } from "@/api/schema";
import { count, percent, seconds } from "@/look/format";
import { ProgressBar } from "@/look/ProgressBar";
import styles from "./JobHeader.module.css";
import { phaseTitle } from "./phases";

/** How far the phase is; a phase that counts no steps shows that something goes on. */
export function ProgressLine({ job }: { job: Job }) {
  const phase = job.phase ?? job.progress?.phase ?? null;
  const progress = job.progress?.phase === phase ? job.progress : null;
  const stands = job.state === "paused";
  const title = phase === null ? "Starting" : phaseTitle(phase);
  return (
    <div className={styles.progress}>
      <ProgressBar
        fraction={progress?.fraction ?? (stands ? 0 : null)}
        label={title}
        tone={stands ? "warn" : "info"}
      />
      <p className={styles.progressText}>
        <span>{progress === null ? title : `${title} · ${stepsSaid(progress)}`}</span>
        <span className={styles.eta}>
          {progress !== null && percent(progress.fraction, 0)}
          {!stands && progress !== null && etaSaid(progress)}
        </span>
      </p>
    </div>
  );
}

function stepsSaid({ epoch, epochs, step, total_steps }: Progress): string {
  const steps = `step ${count(step)} of ${count(total_steps)}`;
  return epoch === null || epochs === null ? steps : `epoch ${epoch} of ${epochs}, ${steps}`;
}

function etaSaid({ eta_s, fraction }: Progress): string {
  if (eta_s === null || fraction >= 1) return "";
  return ` · about ${seconds(Math.max(1, Math.round(eta_s)))} left of this phase`;
}
