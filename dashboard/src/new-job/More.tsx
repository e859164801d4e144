import { type ReactNode, useState } from "react";
import styles from "./new-job.module.css";

/** What is rarely changed, folded away; open from the start where something in it is written. */
export function More({
  title,
  open,
  children,
}: {
  title: string;
  open: boolean;
  children: ReactNode;
}) {
  // Only at first: it must not close under the hand that empties its last field.
  const [first] = useState(open);
  return (
    <details className={styles.more} open={first}>
      <summary className={styles.summary}>{title}</summary>
      {children}
    </details>
  );
}
