import type { ReactNode } from "react";
import { classes } from "./classes";
import { DoneIcon, FailedIcon, InfoIcon, WarnIcon } from "./icons";
import styles from "./Notice.module.css";

export type NoticeTone = "info" | "warn" | "bad" | "good";

export interface NoticeProps {
  tone: NoticeTone;
  title: string;
  children?: ReactNode;
  /** What the reader can do about it. */
  hint?: string | null | undefined;
  action?: ReactNode;
}

const ICONS: Record<NoticeTone, ReactNode> = {
  info: <InfoIcon />,
  warn: <WarnIcon />,
  bad: <FailedIcon />,
  good: <DoneIcon />,
};

export function Notice({ tone, title, children, hint, action }: NoticeProps) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={classes(styles.notice, styles[tone])}
    >
      <span className={styles.icon}>{ICONS[tone]}</span>
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {children !== undefined && <div className={styles.text}>{children}</div>}
        {hint && <p className={styles.text}>{hint}</p>}
      </div>
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
