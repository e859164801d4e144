import { Select } from "@/look/inputs";
import { variantWords } from "./facts";
import { kept } from "./fits";
import styles from "./form.module.css";
import { Group } from "./Group";
import { asObject, type Json, type JsonObject } from "./json";
import type { PlaceProps } from "./place";
import { Members } from "./SectionField";
import type { Shape } from "./shape";

type Props = PlaceProps & { shape: Extract<Shape, { type: "tagged" }> };

/** One of several sections, told apart by a member such as `kind`. */
export function TaggedField({ shape, ...place }: Props) {
  const { node, label, pointer, value, inherited, required, beside, headed, onChange } = place;
  const { tag, variants } = shape;
  const before = asObject(inherited);
  const written = asObject(value);
  const name = textAt(written, tag) ?? textAt(before, tag);
  const chosen = variants.find((variant) => variant.name === name);
  const choose = (wanted: string) => {
    const variant = variants.find((each) => each.name === wanted);
    if (variant === undefined) return;
    const fitting = kept(variant.node, { ...written, [tag]: wanted });
    const nothingElse = Object.keys(fitting).length <= 1;
    onChange(nothingElse && wanted === before[tag] && !required ? undefined : fitting);
  };
  const write = (next: Json | undefined) => {
    const members = Object.keys(asObject(next)).filter((key) => key !== tag);
    if (members.length === 0 && name === before[tag]) onChange(undefined);
    else onChange({ [tag]: name ?? "", ...asObject(next) });
  };
  const select = (
    <Select
      aria-label={`${label}: ${tag}`}
      value={name ?? ""}
      onChange={(event) => choose(event.target.value)}
    >
      {chosen === undefined && <option value={name ?? ""}>{name ?? "Choose…"}</option>}
      {variants.map((variant) => (
        <option key={variant.name} value={variant.name}>
          {variant.name === before[tag] ? `${variant.name} (default)` : variant.name}
        </option>
      ))}
    </Select>
  );
  return (
    <Group
      node={node}
      label={label}
      pointer={pointer}
      beside={beside}
      headed={headed ?? false}
      control={select}
    >
      {chosen !== undefined && (
        <>
          <p className={styles.help}>{variantWords(chosen.node, tag)}</p>
          <Members
            node={chosen.node}
            pointer={pointer}
            value={value}
            inherited={name === before[tag] ? inherited : undefined}
            onChange={write}
            without={[tag]}
          />
        </>
      )}
    </Group>
  );
}

function textAt(object: JsonObject, key: string): string | undefined {
  const found = object[key];
  return typeof found === "string" ? found : undefined;
}
