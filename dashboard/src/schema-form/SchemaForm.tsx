import { defaultOf } from "./facts";
import styles from "./form.module.css";
import { ProblemsHere } from "./Group";
import type { Json } from "./json";
import { SchemaField } from "./SchemaField";
import { Members } from "./SectionField";
import { type SchemaNode, shapeOf } from "./shape";

interface SchemaFormProps {
  node: SchemaNode;
  /** What the form is called where its root is no section. */
  label: string;
  /** Where its root lies in the document that is sent. */
  pointer: string;
  value: Json | undefined;
  /** What applies where nothing is written, such as the values of a preset. */
  inherited?: Json | undefined;
  without?: readonly string[];
  /** A heading around it says the label already. */
  headed?: boolean;
  onChange: (value: Json | undefined) => void;
}

/** The form of a schema. Its value is what was written, and nothing that was not. */
export function SchemaForm(props: SchemaFormProps) {
  const { node, label, pointer, value, without = [], headed = false, onChange } = props;
  const inherited = props.inherited === undefined ? defaultOf(node) : props.inherited;
  const place = { node, pointer, value, inherited, onChange };
  if (shapeOf(node).type !== "section")
    return <SchemaField {...place} label={label} required={false} headed={headed} />;
  return (
    <div className={styles.root} data-pointer={pointer}>
      <ProblemsHere pointer={pointer} />
      <Members {...place} without={without} />
    </div>
  );
}
