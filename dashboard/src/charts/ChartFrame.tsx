import { type ReactNode, useId } from "react";
import styles from "./ChartFrame.module.css";

export interface ChartFrameProps {
  label: string;
  note?: ReactNode;
  tools?: ReactNode;
  /** The same in words and numbers. */
  table: ReactNode;
  children: ReactNode;
}

/** A title, a drawing, and what it says as a table for whoever does not see it. */
export function ChartFrame({ label, note, tools, table, children }: ChartFrameProps) {
  const title = useId();
  return (
    <figure className={styles.frame} aria-labelledby={title}>
      <figcaption className={styles.header}>
        <div className={styles.words}>
          <h3 id={title} className={styles.title} title={label}>
            {label}
          </h3>
          {note !== undefined && <p className={styles.note}>{note}</p>}
        </div>
        {tools}
      </figcaption>
      {children}
      <details className={styles.details}>
        <summary className={styles.summary}>Numbers</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
        <section className={styles.table} tabIndex={0} aria-label={`${label}, as a table`}>
          {table}
        </section>
      </details>
    </figure>
  );
}
