import { useState } from "react";
import { Field } from "@/look/Field";
import { Select } from "@/look/inputs";
import { Control, isScalar } from "./Control";
import { descriptionOf } from "./facts";
import { blank, fits, variantOf } from "./fits";
import styles from "./form.module.css";
import { helpOf, RangeWords } from "./Help";
import type { PlaceProps } from "./place";
import { told, useProblemsAt } from "./problems";
import { SchemaField } from "./SchemaField";
import { shapeOf, type Variant } from "./shape";

type Props = PlaceProps & { variants: readonly Variant[] };

/** A value of one of several types: a number, or a word that stands for one. */
export function EitherField({ variants, ...place }: Props) {
  const { node, label, pointer, required } = place;
  const problems = useProblemsAt(pointer);
  const { chosen, choose } = useVariant(variants, place);
  const select = (
    <Select
      aria-label={`${label}: type`}
      value={chosen === undefined ? "" : String(variants.indexOf(chosen))}
      onChange={(event) => choose(variants[Number(event.target.value)])}
    >
      {chosen === undefined && <option value="">Choose…</option>}
      {variants.map((variant, index) => (
        <option key={variant.name} value={String(index)}>
          {variant.name}
        </option>
      ))}
    </Select>
  );
  const inner = chosen === undefined ? null : insideOf(chosen, place);
  const help = (
    <>
      {helpOf(node)}
      {inner !== null && <RangeWords node={inner.node} />}
    </>
  );
  if (inner !== null && !isScalar(shapeOf(inner.node))) {
    return (
      <div className={styles.wide}>
        <Field label={label} required={required} help={help}>
          {() => select}
        </Field>
        <SchemaField {...inner} />
      </div>
    );
  }
  return (
    <div data-pointer={pointer}>
      <Field label={label} required={required} help={help} {...told(problems, descriptionOf(node))}>
        {(ids) => (
          <div className={styles.either}>
            {select}
            {inner !== null && <Control {...inner} ids={ids} spoken={label} />}
          </div>
        )}
      </Field>
    </div>
  );
}

/** The place as its chosen type sees it: a default of another type is none of its own. */
function insideOf(chosen: Variant, place: PlaceProps): PlaceProps {
  const { value, inherited } = place;
  const fitting = inherited !== undefined && inherited !== null && fits(chosen.node, inherited);
  return {
    ...place,
    node: chosen.node,
    label: chosen.name,
    value: value ?? undefined,
    inherited: fitting ? inherited : undefined,
    beside: undefined,
  };
}

/** The type that was chosen, or that the value is of. An emptied number is still a number. */
function useVariant(variants: readonly Variant[], place: PlaceProps) {
  const { value, inherited, onChange } = place;
  const [picked, setPicked] = useState<Variant["name"] | null>(null);
  const shown = value === undefined ? inherited : value;
  const own = value === undefined ? undefined : variantOf(variants, value);
  const chosen =
    own ??
    variants.find(({ name }) => name === picked) ??
    (shown === undefined ? undefined : variantOf(variants, shown));
  const choose = (variant: Variant | undefined) => {
    if (variant === undefined) return;
    setPicked(variant.name);
    const first = blank(variant.node);
    onChange(first !== undefined && first === inherited ? undefined : first);
  };
  return { chosen, choose };
}
