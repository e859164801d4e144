import { type ComponentProps, useId } from "react";
import { TextInput } from "@/look/inputs";
import { useStudents } from "./queries";

type Props = Omit<ComponentProps<"input">, "list" | "onChange"> & {
  onChange: (name: string) => void;
};

const SUGGESTED = 40;

/** A name of an architecture, with what the catalogue has that contains it. */
export function ArchitectureInput({ value, onChange, ...rest }: Props) {
  const list = useId();
  const known = useStudents().data?.data ?? [];
  const wanted = String(value ?? "").toLowerCase();
  const near = known.filter((name) => name.includes(wanted)).slice(0, SUGGESTED);
  return (
    <>
      <TextInput
        {...rest}
        list={list}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {near.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
