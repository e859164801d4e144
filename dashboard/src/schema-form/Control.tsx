import { Checkbox, Select, TextInput } from "@/look/inputs";
import { inWords } from "./facts";
import { type Json, same } from "./json";
import { attributes, type ControlProps } from "./place";
import { type Shape, shapeOf } from "./shape";
import { useDraft } from "./useDraft";

const SCALARS: readonly Shape["type"][] = ["constant", "choice", "flag", "number", "text"];

export function isScalar(shape: Shape): boolean {
  return SCALARS.includes(shape.type);
}

/** The bare control of a value that is one line: a list has many, a field has one. */
export function Control(props: ControlProps) {
  const shape = shapeOf(props.node);
  switch (shape.type) {
    case "choice":
      return <ChoiceControl {...props} options={shape.options} />;
    case "flag":
      return <FlagControl {...props} />;
    case "number":
      return <NumberControl {...props} integer={shape.integer} />;
    case "text":
      return <TextControl {...props} />;
    default:
      return null;
  }
}

export function ChoiceControl(props: ControlProps & { options: readonly Json[] }) {
  const { ids, spoken, options, value, inherited, onChange } = props;
  const shown = value === undefined ? inherited : value;
  const current = options.findIndex((option) => same(option, shown));
  const choose = (text: string) => {
    const option = options[Number(text)];
    onChange(text === "" || same(option, inherited) ? undefined : option);
  };
  return (
    <Select
      {...attributes(ids, spoken)}
      value={current < 0 ? "" : String(current)}
      onChange={(event) => choose(event.target.value)}
    >
      {current < 0 && <option value="">{shown === undefined ? "Choose…" : inWords(shown)}</option>}
      {options.map((option, index) => (
        <option key={inWords(option)} value={String(index)}>
          {same(option, inherited) ? `${inWords(option)} (default)` : inWords(option)}
        </option>
      ))}
    </Select>
  );
}

function FlagControl({ ids, spoken, value, inherited, onChange }: ControlProps) {
  const shown = value === undefined ? inherited : value;
  const turn = (on: boolean) => onChange(on === inherited ? undefined : on);
  return (
    <Checkbox
      {...attributes(ids, spoken)}
      checked={shown === true}
      onChange={(event) => turn(event.target.checked)}
    />
  );
}

/** No `type="number"`: a browser hides what it cannot read, and 1e-3 is typed letter by letter. */
function NumberControl(props: ControlProps & { integer: boolean }) {
  const { ids, spoken, integer, value, inherited, onChange } = props;
  const draft = useDraft(value, readNumber, inWords);
  return (
    <TextInput
      {...attributes(ids, spoken)}
      inputMode={integer ? "numeric" : "decimal"}
      autoComplete="off"
      value={draft.text}
      placeholder={inWords(inherited)}
      onChange={(event) => onChange(draft.write(event.target.value))}
    />
  );
}

/** What is no number goes to the service as it is written: its refusal stands at the field. */
function readNumber(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const found = Number(trimmed.replace(",", "."));
  return Number.isFinite(found) ? found : text;
}

function TextControl({ ids, spoken, value, inherited, onChange }: ControlProps) {
  return (
    <TextInput
      {...attributes(ids, spoken)}
      autoComplete="off"
      spellCheck={false}
      value={inWords(value)}
      placeholder={inWords(inherited)}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
    />
  );
}
