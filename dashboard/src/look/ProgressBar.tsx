import type { Tone } from "./Chip";
import { classes } from "./classes";
import { percent } from "./format";
import styles from "./ProgressBar.module.css";

export interface ProgressBarProps {
  /** Null while nobody knows how far it is. */
  fraction: number | null;
  label: string;
  tone?: Tone | undefined;
}

export function ProgressBar({ fraction, label, tone = "info" }: ProgressBarProps) {
  const known = fraction === null ? null : Math.min(1, Math.max(0, fraction));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known === null ? undefined : Math.floor(known * 100)}
      aria-valuetext={known === null ? "not known yet" : percent(known, 0)}
      className={classes(styles.track, styles[tone])}
    >
      <div
        className={classes(styles.bar, known === null && styles.unknown)}
        style={known === null ? undefined : { transform: `scaleX(${known})` }}
      />
    </div>
  );
}
