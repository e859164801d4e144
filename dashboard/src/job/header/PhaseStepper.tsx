import type { ReactNode } from "react";
import { classes } from "@/look/classes";
import { CheckIcon, CrossIcon } from "@/look/icons";
import styles from "./PhaseStepper.module.css";
import type { PhaseStep } from "./phases";

export function PhaseStepper({
  steps,
  stopped,
}: {
  steps: readonly PhaseStep[];
  stopped: boolean;
}) {
  return (
    <ol className={styles.steps} aria-label="Phases">
      {steps.map(({ phase, title, at }, place) => (
        <li
          key={phase}
          className={classes(styles.step, styles[at], stopped && styles.stopped)}
          aria-current={at === "now" ? "step" : undefined}
          title={title}
        >
          <span className={styles.mark}>{markOf(at, place + 1)}</span>
          <span className={styles.title}>{title}</span>
          <span className="unseen">{SAID[at]}</span>
        </li>
      ))}
    </ol>
  );
}

const SAID: Record<PhaseStep["at"], string> = {
  done: "done",
  now: "now",
  failed: "failed here",
  ahead: "to come",
};

function markOf(at: PhaseStep["at"], number: number): ReactNode {
  switch (at) {
    case "done":
      return <CheckIcon size={12} />;
    case "failed":
      return <CrossIcon size={12} />;
    case "now":
    case "ahead":
      return number;
  }
}
