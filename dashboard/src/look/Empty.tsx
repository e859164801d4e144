import type { ReactNode } from "react";
import styles from "./Empty.module.css";

export interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** The button or the command that fills it. */
  action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <div className={styles.text}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
