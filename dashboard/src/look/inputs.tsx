import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes";
import type { FieldIds } from "./Field";
import styles from "./inputs.module.css";

/** What a field hands to its control, as attributes of that control. */
export function described(ids: FieldIds) {
  return {
    id: ids.id,
    "aria-describedby": ids.describedBy,
    "aria-invalid": ids.invalid || undefined,
  };
}

export function TextInput({ className, type = "text", ...rest }: ComponentProps<"input">) {
  return <input {...rest} type={type} className={classes(styles.box, className)} />;
}

export function NumberInput({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  return (
    <input
      inputMode="decimal"
      {...rest}
      type="number"
      className={classes(styles.box, styles.number, className)}
      onWheel={(event) => {
        // Scrolling a long form must not change what is under the pointer.
        event.currentTarget.blur();
        rest.onWheel?.(event);
      }}
    />
  );
}

export function TextArea({ className, rows = 4, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...rest} rows={rows} className={classes(styles.box, styles.area, className)} />;
}

export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <select {...rest} className={classes(styles.box, styles.select, className)}>
      {children}
    </select>
  );
}

export interface CheckboxProps extends Omit<ComponentProps<"input">, "type"> {
  /** Text beside the box; without it the caller labels it, by a field or `aria-label`. */
  label?: ReactNode;
}

export function Checkbox({ label, className, ...rest }: CheckboxProps) {
  const box = <input {...rest} type="checkbox" className={classes(styles.checkbox, className)} />;
  return label === undefined ? box : <Labelled label={label}>{box}</Labelled>;
}

export function Switch({ label, className, ...rest }: CheckboxProps) {
  const box = (
    // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox says itself whether it is checked
    <input {...rest} type="checkbox" role="switch" className={classes(styles.switch, className)} />
  );
  return label === undefined ? box : <Labelled label={label}>{box}</Labelled>;
}

function Labelled({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={styles.labelled}>
      {children}
      <span>{label}</span>
    </label>
  );
}

export interface SegmentsProps<T extends string> {
  label: string;
  options: readonly { value: T; title: ReactNode; hint?: string | undefined }[];
  value: T;
  onChange: (value: T) => void;
}

/** A few choices side by side, one of them taken. */
export function Segments<T extends string>({ label, options, value, onChange }: SegmentsProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.segments}>
      <legend className="unseen">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.segment} title={option.hint}>
          <input
            type="radio"
            name={name}
            className="unseen"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span className={styles.segmentText}>{option.title}</span>
        </label>
      ))}
    </fieldset>
  );
}
