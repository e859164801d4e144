import { useState } from "react";
import { Field } from "@/look/Field";
import { TextArea } from "@/look/inputs";
import { descriptionOf } from "./facts";
import { helpOf } from "./Help";
import { asJson, type Json, same } from "./json";
import { attributes, type PlaceProps } from "./place";
import { told, useProblemsAt } from "./problems";

/** A schema that says nothing of a type: JSON as text. */
export function AnythingField(place: PlaceProps) {
  const { node, label, pointer, value, inherited, required, onChange } = place;
  const problems = useProblemsAt(pointer);
  const [typed, setTyped] = useState<string | null>(null);
  const read = typed === null ? { value: undefined, broken: false } : readJson(typed);
  const holds = typed !== null && (read.broken || same(read.value, value));
  const { error, hint } = told(problems, descriptionOf(node));
  const change = (text: string) => {
    setTyped(text);
    const next = readJson(text);
    if (!next.broken) onChange(next.value);
  };
  return (
    <div data-pointer={pointer}>
      <Field
        label={label}
        required={required}
        help={helpOf(node)}
        error={holds && read.broken ? "This is no JSON; the last one that was is kept." : error}
        hint={hint}
      >
        {(ids) => (
          <TextArea
            {...attributes(ids)}
            rows={3}
            spellCheck={false}
            value={holds ? typed : textOf(value)}
            placeholder={textOf(inherited)}
            onChange={(event) => change(event.target.value)}
          />
        )}
      </Field>
    </div>
  );
}

function textOf(value: Json | undefined): string {
  return value === undefined ? "" : JSON.stringify(value);
}

function readJson(text: string): { value: Json | undefined; broken: boolean } {
  if (text.trim() === "") return { value: undefined, broken: false };
  try {
    return { value: asJson(JSON.parse(text)), broken: false };
  } catch {
    return { value: undefined, broken: true };
  }
}
