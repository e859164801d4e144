import { described, TextInput } from "@/look/inputs";
import type { Json } from "@/schema-form/json";
import { PlacedField } from "./PlacedField";
import { useCapabilities } from "./queries";

interface ReferenceFieldProps {
  label: string;
  pointer: string;
  value: Json | undefined;
  onChange: (value: string | undefined) => void;
}

/** What another job made, or, where the operator allows them, a file of the service. */
export function ReferenceField({ label, pointer, value, onChange }: ReferenceFieldProps) {
  const files = useCapabilities().data?.features.file_sources ?? false;
  const help = files
    ? "job:job_... takes the student of a job; file:... names a file of the service."
    : "job:job_... takes the student of a job. Files of the service are not allowed here.";
  return (
    <PlacedField label={label} pointer={pointer} help={help} required>
      {(ids) => (
        <TextInput
          {...described(ids)}
          autoComplete="off"
          spellCheck={false}
          placeholder="job:job_..."
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value || undefined)}
        />
      )}
    </PlacedField>
  );
}
