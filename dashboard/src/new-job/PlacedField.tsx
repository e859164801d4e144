import type { ReactNode } from "react";
import { Field, type FieldIds } from "@/look/Field";
import { told, useProblemsAt } from "@/schema-form/problems";

interface PlacedFieldProps {
  label: string;
  pointer: string;
  help?: ReactNode;
  required?: boolean;
  children: (ids: FieldIds) => ReactNode;
}

/** A field of this screen's own, to which the problems of its place come too. */
export function PlacedField({ pointer, children, ...field }: PlacedFieldProps) {
  const problems = useProblemsAt(pointer);
  return (
    <div data-pointer={pointer}>
      <Field {...field} {...told(problems)}>
        {children}
      </Field>
    </div>
  );
}
