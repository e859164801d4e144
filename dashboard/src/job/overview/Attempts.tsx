import type { Attempt, Job } from "@/api/schema";
import { Chip, type Tone } from "@/look/Chip";
import { seconds } from "@/look/format";
import { useNow } from "@/look/now";
import { Section } from "@/look/Page";
import { Relative } from "@/look/Relative";
import styles from "./Lists.module.css";

/** Every time that a worker took the job. */
export function Attempts({ job: { attempts } }: { job: Job }) {
  return (
    <Section
      title="Attempts"
      note={attempts.length === 0 ? "No worker has taken it yet." : undefined}
    >
      {attempts.length > 0 && (
        <ol className={styles.list}>
          {attempts.toReversed().map((attempt) => (
            <One key={attempt.number} attempt={attempt} />
          ))}
        </ol>
      )}
    </Section>
  );
}

const TONES: Record<string, Tone> = {
  succeeded: "good",
  failed: "bad",
  lost: "warn",
  running: "info",
  starting: "info",
};

function One({
  attempt: { number, state, started_at, finished_at, worker, reason },
}: {
  attempt: Attempt;
}) {
  const now = useNow();
  const until = finished_at === null ? now : Date.parse(finished_at);
  return (
    <li className={styles.item}>
      <Chip tone={TONES[state]}>{state}</Chip>
      <span className={styles.words}>
        <span className={styles.strong}>Attempt {number}</span> on {worker},{" "}
        <Relative at={started_at} />
        {reason !== null && <span className={styles.soft}>{readable(reason)}</span>}
      </span>
      <span className={styles.number}>
        {seconds(Math.max(0, (until - Date.parse(started_at)) / 1000))}
      </span>
    </li>
  );
}

/** A sentence, or the name of an ending: lease_lost. */
function readable(reason: string): string {
  return /^[a-z_]+$/.test(reason) ? reason.replaceAll("_", " ") : reason;
}
