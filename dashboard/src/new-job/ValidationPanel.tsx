import { asProblem } from "@/api/problem";
import type { Estimates, ReportedProblem, Validation } from "@/api/schema";
import { Button } from "@/look/Button";
import { Facts } from "@/look/Facts";
import { bytes, seconds } from "@/look/format";
import { Notice } from "@/look/Notice";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { goTo } from "./going";
import styles from "./new-job.module.css";

interface ValidationPanelProps {
  validation: Validation | undefined;
  error: Error | null;
  onAgain: () => void;
  /** The last answer is of an earlier state of the form. */
  stale: boolean;
}

/** What submitting would say, as one writes. */
export function ValidationPanel({ validation, error, onAgain, stale }: ValidationPanelProps) {
  return (
    <Section title="Check" note={stale ? "Looking at your changes…" : undefined}>
      <div aria-live="polite" aria-busy={stale} className={styles.panel}>
        {error !== null && <Unasked error={error} onAgain={onAgain} />}
        {validation === undefined && error === null && <Skeleton lines={3} />}
        {validation !== undefined && <Answer validation={validation} />}
      </div>
    </Section>
  );
}

function Unasked({ error, onAgain }: { error: Error; onAgain: () => void }) {
  const problem = asProblem(error);
  return (
    <Notice
      tone="bad"
      title={problem.detail || problem.title}
      hint={problem.hint}
      action={
        <Button size="small" onClick={onAgain}>
          Ask again
        </Button>
      }
    />
  );
}

function Answer({ validation }: { validation: Validation }) {
  const { valid, errors, warnings, estimates, checked } = validation;
  const missing = errors.filter(({ code }) => code === "missing_key");
  const wrong = errors.filter(({ code }) => code !== "missing_key");
  return (
    <>
      {valid && <Notice tone="good" title="The service would take this job." />}
      <Listed title="Still needed" problems={missing} />
      <Listed
        title={wrong.length === 1 ? "1 problem" : `${wrong.length} problems`}
        problems={wrong}
      />
      <Listed
        title={warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`}
        problems={warnings}
      />
      {valid && checked === "shallow" && (
        <p className={styles.note}>
          It names files that only a worker can look at: those are checked when it runs.
        </p>
      )}
      {estimates !== null && <Estimated estimates={estimates} />}
    </>
  );
}

function Listed({ title, problems }: { title: string; problems: readonly ReportedProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <div>
      <h3 className={styles.listTitle}>{title}</h3>
      <ul className={styles.list}>
        {problems.map(({ pointer, code, message, hint }) => (
          <li key={`${pointer} ${code} ${message}`}>
            {pointer !== null && pointer !== "" && (
              <Button
                className={styles.go}
                size="small"
                kind="quiet"
                title="Go to the field"
                onClick={() => goTo(pointer)}
              >
                {pointer.slice(1).replaceAll("/", " › ")}
              </Button>
            )}
            <p>{message}</p>
            {hint !== "" && <p className={styles.note}>{hint}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Estimated({ estimates }: { estimates: Estimates }) {
  const known = [
    { term: "Time", estimate: estimates.seconds, words: seconds },
    { term: "Memory", estimate: estimates.memory_bytes, words: bytes },
    { term: "Disk", estimate: estimates.disk_bytes, words: bytes },
  ];
  if (known.every(({ estimate }) => estimate.value === null)) {
    return <p className={styles.note}>No estimate: {estimates.seconds.basis}.</p>;
  }
  return (
    <Facts
      items={known.map(({ term, estimate, words }) => ({
        term,
        value: (
          <span title={estimate.basis}>
            {estimate.value === null ? "not known" : `about ${words(estimate.value)}`}
          </span>
        ),
      }))}
    />
  );
}
