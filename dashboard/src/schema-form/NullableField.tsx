import type { ReactNode } from "react";
import { Field } from "@/look/Field";
import { Checkbox, Switch } from "@/look/inputs";
import { AnythingField } from "./AnythingField";
import { ChoiceControl } from "./Control";
import { EitherField } from "./EitherField";
import { descriptionOf } from "./facts";
import { blank } from "./fits";
import { Group } from "./Group";
import { helpOf } from "./Help";
import type { Json } from "./json";
import type { PlaceProps } from "./place";
import { told, useProblemsAt } from "./problems";
import { SchemaField } from "./SchemaField";
import { type SchemaNode, shapeOf, type Variant } from "./shape";

type Props = PlaceProps & { inner: SchemaNode };

const NONE: Variant = { name: "none", node: { schema: { const: null }, root: {} } };

/** A value that may be absent. A choice has one more option, a section a switch, a line is empty. */
export function NullableField({ inner, ...place }: Props) {
  const shape = shapeOf(inner);
  switch (shape.type) {
    case "choice":
      return <NullableChoice {...place} options={shape.options} />;
    case "flag":
      return <NullableChoice {...place} options={[true, false]} />;
    case "constant":
      return <NullableChoice {...place} options={[shape.value]} />;
    case "number":
    case "text":
      return <NullableLine {...place} inner={inner} />;
    case "either":
      return <EitherField {...place} variants={[NONE, ...shape.variants]} />;
    case "nullable":
      return <NullableField {...place} inner={shape.inner} />;
    case "anything":
      return <AnythingField {...place} />;
    case "section":
    case "list":
    case "map":
    case "tagged":
      return <Switched {...place} inner={inner} />;
  }
}

function NullableChoice(props: PlaceProps & { options: readonly Json[] }) {
  const { options, label, required, ...place } = props;
  const problems = useProblemsAt(place.pointer);
  const help = helpOf(place.node);
  return (
    <div data-pointer={place.pointer}>
      <Field
        label={label}
        required={required}
        help={help}
        {...told(problems, descriptionOf(place.node))}
      >
        {(ids) => <ChoiceControl {...place} ids={ids} options={[null, ...options]} />}
      </Field>
    </div>
  );
}

/** An empty line is the default; where that is a value, "none" has to be said. */
function NullableLine({ inner, ...place }: Props) {
  const { value, inherited, label, onChange } = place;
  const none = value === null;
  const line = (
    <SchemaField
      {...place}
      node={inner}
      value={none ? undefined : value}
      inherited={none ? null : inherited}
    />
  );
  if (inherited === null || inherited === undefined) return line;
  return (
    <div>
      {line}
      <Checkbox
        label={`no ${label.toLowerCase()}`}
        checked={none}
        onChange={(event) => onChange(event.target.checked ? null : undefined)}
      />
    </div>
  );
}

function Switched({ inner, ...place }: Props) {
  const { node, label, pointer, value, inherited, onChange } = place;
  const absent = inherited === null || inherited === undefined;
  const on = value === undefined ? !absent : value !== null;
  const turn = (wanted: boolean) => {
    if (wanted) onChange(absent ? (blank(inner) ?? {}) : undefined);
    else onChange(absent ? undefined : null);
  };
  const toggle: ReactNode = (
    <Switch aria-label={label} checked={on} onChange={(event) => turn(event.target.checked)} />
  );
  if (!on) return <Group node={node} label={label} pointer={pointer} beside={toggle} />;
  // Emptied is not switched off: with nothing written in it, its defaults apply.
  const emptied = absent ? (blank(inner) ?? {}) : undefined;
  return (
    <SchemaField
      {...place}
      node={inner}
      value={value ?? undefined}
      inherited={inherited ?? undefined}
      beside={toggle}
      onChange={(next) => onChange(next === undefined ? emptied : next)}
    />
  );
}
