import type { ReactNode } from "react";
import { CodeBlock } from "./CodeBlock";
import styles from "./Empty.module.css";

export interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** The button that fills it. */
  action?: ReactNode;
  /** What does the same in a terminal. */
  command?: { label: string; code: string };
}

export function Empty({ title, children, action, command }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
      {command !== undefined && (
        <div className={styles.command}>
          <CodeBlock {...command} />
        </div>
      )}
    </div>
  );
}
