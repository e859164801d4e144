import type { ReactNode } from "react";
import { Anchor } from "@/look/Anchor";
import buttons from "@/look/Button.module.css";
import { classes } from "@/look/classes";

/** A link that looks like what it is used as: the next thing to do. */
export function Opened({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor to={to} className={classes(buttons.button, buttons.primary, buttons.normal)}>
      <span className={buttons.content}>{children}</span>
    </Anchor>
  );
}
