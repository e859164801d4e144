import type { ReactNode } from "react";
import own from "@/app/ButtonLink.module.css";
import { Anchor } from "@/look/Anchor";
import styles from "@/look/Button.module.css";
import { classes } from "@/look/classes";

interface Props {
  to: string;
  kind?: "primary" | "plain";
  children: ReactNode;
}

/** Leads to another screen, and looks like what one does there. */
export function ButtonLink({ to, kind = "plain", children }: Props) {
  return (
    <Anchor to={to} className={classes(styles.button, styles[kind], own.link, own[kind])}>
      <span className={styles.content}>{children}</span>
    </Anchor>
  );
}
