import type { ReactNode } from "react";
import styles from "./Chip.module.css";
import { classes } from "./classes";

export type Tone = "neutral" | "info" | "good" | "warn" | "bad";

export interface ChipProps {
  tone?: Tone | undefined;
  icon?: ReactNode;
  title?: string | undefined;
  children: ReactNode;
}

export function Chip({ tone = "neutral", icon, title, children }: ChipProps) {
  return (
    <span className={classes(styles.chip, styles[tone])} title={title}>
      {icon}
      <span className={styles.text}>{children}</span>
    </span>
  );
}
