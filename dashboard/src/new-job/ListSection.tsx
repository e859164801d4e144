import { Section } from "@/look/Page";
import { SchemaForm } from "@/schema-form/SchemaForm";
import type { DraftProps } from "./draft";
import { memberNode } from "./nodes";

interface ListSectionProps extends DraftProps {
  title: string;
  name: string;
}

/** A key of a job that its schema alone draws. */
export function ListSection({ title, name, node, spec, write }: ListSectionProps) {
  const place = memberNode(node, name);
  if (place === null) return null;
  return (
    <Section title={title}>
      <SchemaForm
        node={place}
        label={title}
        headed
        pointer={`/${name}`}
        value={spec[name]}
        onChange={(value) => write(name, value)}
      />
    </Section>
  );
}
