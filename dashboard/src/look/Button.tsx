import type { ComponentProps, ReactNode } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

export interface ButtonProps extends ComponentProps<"button"> {
  kind?: ButtonKind | undefined;
  size?: "small" | "normal" | undefined;
  /** Busy buttons keep their width and focus, and do nothing. */
  busy?: boolean | undefined;
}

export function Button({
  kind = "plain",
  size = "normal",
  busy = false,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={busy ? "button" : type}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={classes(styles.button, styles[kind], styles[size], busy && styles.busy, className)}
      onClick={busy ? undefined : onClick}
    >
      <span className={styles.content}>{children}</span>
      {busy && <span className={styles.spinner} />}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  label: string;
  icon: ReactNode;
}

export function IconButton({ label, icon, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      title={label}
      {...rest}
      type={type}
      aria-label={label}
      className={classes(styles.icon, className)}
    >
      {icon}
    </button>
  );
}
