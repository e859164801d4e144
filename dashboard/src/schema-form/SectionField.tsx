import { inheritedMember, labelOf } from "./facts";
import styles from "./form.module.css";
import { Group } from "./Group";
import { asObject, below, type Json, withMember } from "./json";
import type { PlaceProps } from "./place";
import { SchemaField } from "./SchemaField";
import { type SchemaNode, shapeOf } from "./shape";

export function SectionField({ label, required: _required, beside, ...place }: PlaceProps) {
  return (
    <Group node={place.node} label={label} pointer={place.pointer} beside={beside}>
      <Members {...place} />
    </Group>
  );
}

interface MembersProps {
  node: SchemaNode;
  pointer: string;
  value: Json | undefined;
  inherited: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** Members that are drawn elsewhere. */
  without?: readonly string[];
}

/** The fields of a section, without a frame around them. A section nobody wrote in is not sent. */
export function Members({ node, pointer, value, inherited, onChange, without = [] }: MembersProps) {
  const shape = shapeOf(node);
  if (shape.type !== "section") return null;
  const written = asObject(value);
  const change = (name: string, member: Json | undefined) => {
    const next = withMember(written, name, member);
    onChange(Object.keys(next).length === 0 ? undefined : next);
  };
  return (
    <div className={styles.grid}>
      {shape.members
        .filter(({ name }) => !without.includes(name))
        .map(({ name, node: member, required }) => (
          <SchemaField
            key={name}
            node={member}
            label={labelOf(name, member)}
            pointer={below(pointer, name)}
            value={written[name]}
            inherited={inheritedMember(inherited, name, member)}
            required={required}
            onChange={(changed) => change(name, changed)}
          />
        ))}
    </div>
  );
}
