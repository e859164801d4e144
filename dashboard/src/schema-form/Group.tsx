import type { ReactNode } from "react";
import styles from "./form.module.css";
import { helpOf } from "./Help";
import { useProblemsAt } from "./problems";
import type { SchemaNode } from "./shape";

interface GroupProps {
  node: SchemaNode;
  label: string;
  pointer: string;
  /** A switch. */
  beside?: ReactNode;
  /** Below the label: the choice that decides what comes after it. */
  control?: ReactNode;
  headed?: boolean;
  children?: ReactNode;
}

/** Several controls that belong together, under one label. */
export function Group({
  node,
  label,
  pointer,
  beside,
  control,
  headed = false,
  children,
}: GroupProps) {
  return (
    <fieldset className={styles.group} data-pointer={pointer}>
      <legend className={headed ? "unseen" : styles.legend}>
        <span>{label}</span>
        {beside}
      </legend>
      {control !== undefined && <div className={styles.control}>{control}</div>}
      <p className={styles.help}>{helpOf(node)}</p>
      <ProblemsHere pointer={pointer} />
      {children}
    </fieldset>
  );
}

export function ProblemsHere({ pointer }: { pointer: string }) {
  const problems = useProblemsAt(pointer);
  if (problems.length === 0) return null;
  return (
    <ul className={styles.problems}>
      {problems.map(({ code, message, hint }) => (
        <li key={`${code} ${message}`}>
          {message}
          {hint !== "" && <span className={styles.hint}>{hint}</span>}
        </li>
      ))}
    </ul>
  );
}
