import { classes } from "@/look/classes";
import { LEVELS, type MatrixKind } from "./cells";
import styles from "./Matrix.module.css";

const STRENGTHS = Array.from({ length: LEVELS }, (_, place) => place + 1);

/** What the colours say. */
export function MatrixKey({ kind }: { kind: MatrixKind }) {
  switch (kind) {
    case "share":
      return (
        <p className={styles.key}>
          <span>0%</span>
          <Steps tone={styles.count} />
          <span>100% of the row</span>
        </p>
      );
    case "difference":
      return (
        <p className={styles.key}>
          <span>worse</span>
          <Steps tone={styles.worse} turned />
          <Steps tone={styles.better} />
          <span>better: more right answers, fewer confusions</span>
        </p>
      );
  }
}

function Steps({ tone, turned = false }: { tone: string | undefined; turned?: boolean }) {
  const strengths = turned ? STRENGTHS.toReversed() : STRENGTHS;
  return (
    <svg width={LEVELS * 10} height="10" className={styles.steps} aria-hidden="true">
      {strengths.map((strength, place) => (
        <rect
          key={strength}
          x={place * 10}
          width="10"
          height="10"
          className={classes(tone)}
          opacity={strength / LEVELS}
        />
      ))}
    </svg>
  );
}
