import { type ReactNode, useId } from "react";
import { classes } from "./classes";
import styles from "./Field.module.css";
import { WarnIcon } from "./icons";

export interface FieldIds {
  id: string;
  describedBy?: string | undefined;
  invalid: boolean;
}

export interface FieldProps {
  label: string;
  help?: ReactNode;
  error?: string | null | undefined;
  /** The way out of the error. */
  hint?: string | null | undefined;
  required?: boolean | undefined;
  children: (ids: FieldIds) => ReactNode;
}

/** A label, the control that the caller draws, and what is said about it. */
export function Field({ label, help, error, hint, required = false, children }: FieldProps) {
  const id = useId();
  const hasHelp = help !== undefined && help !== null && help !== "";
  const invalid = Boolean(error);
  const describedBy = classes(hasHelp && `${id}-help`, invalid && `${id}-error`) || undefined;
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
        {required && <span className={styles.required}>required</span>}
      </label>
      {children({ id, describedBy, invalid })}
      {invalid && (
        <p id={`${id}-error`} className={styles.error}>
          <WarnIcon size={14} />
          <span>
            {error}
            {hint && <span className={styles.hint}> {hint}</span>}
          </span>
        </p>
      )}
      {hasHelp && (
        <div id={`${id}-help`} className={styles.help}>
          {help}
        </div>
      )}
    </div>
  );
}
