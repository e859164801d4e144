import { described, Select } from "@/look/inputs";
import { defaultOf } from "@/schema-form/facts";
import { asJson, asObject, isJsonObject, type Json, type JsonObject } from "@/schema-form/json";
import { SchemaForm } from "@/schema-form/SchemaForm";
import { type SchemaNode, shapeOf } from "@/schema-form/shape";
import { inSection, textIn } from "./draft";
import { More } from "./More";
import { PlacedField } from "./PlacedField";
import { usePresets } from "./queries";

interface RecipeFormProps {
  title: string;
  node: SchemaNode;
  pointer: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** A preset, and over it what is written here; the preset's values stand as placeholders. */
export function RecipeForm({ title, node, pointer, value, onChange }: RecipeFormProps) {
  const presets = (usePresets().data ?? []).filter(({ kind }) => kind === "recipe");
  const name = textIn(value, "preset") || "default";
  const chosen = presets.find((preset) => preset.name === name);
  const written = Object.keys(asObject(value)).some((key) => key !== "preset");
  const help = chosen === undefined ? undefined : `${chosen.about} ${chosen.source}`;
  return (
    <>
      <PlacedField label={`${title}: preset`} pointer={`${pointer}/preset`} help={help}>
        {(ids) => (
          <Select
            {...described(ids)}
            value={name}
            onChange={({ target }) =>
              onChange(
                inSection(value, "preset", target.value === "default" ? undefined : target.value),
              )
            }
          >
            {chosen === undefined && <option value={name}>{name}</option>}
            {presets.map((preset) => (
              <option key={preset.name} value={preset.name}>
                {preset.name}
              </option>
            ))}
          </Select>
        )}
      </PlacedField>
      <More title={`${title}: settings`} open={written}>
        <SchemaForm
          node={node}
          label={title}
          pointer={pointer}
          value={value}
          inherited={under(node, asObject(asJson(chosen?.values)))}
          without={["preset"]}
          onChange={onChange}
        />
      </More>
    </>
  );
}

/** The defaults with a preset over them; a section of another kind replaces the default's whole. */
function under(node: SchemaNode, preset: JsonObject): JsonObject {
  const shape = shapeOf(node);
  if (shape.type !== "section") return preset;
  const found: Record<string, Json> = {};
  for (const { name, node: member } of shape.members) {
    const value = over(defaultOf(member), preset[name]);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function over(plain: Json | undefined, given: Json | undefined): Json | undefined {
  if (!isJsonObject(plain) || !isJsonObject(given)) return given === undefined ? plain : given;
  return given.kind !== undefined && given.kind !== plain.kind ? given : { ...plain, ...given };
}
