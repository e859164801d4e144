import { Field } from "@/look/Field";
import { Control } from "./Control";
import { descriptionOf } from "./facts";
import { helpOf } from "./Help";
import type { PlaceProps } from "./place";
import { told, useProblemsAt } from "./problems";

/** A label, a control, its help and what is wrong with it. */
export function ScalarField({ label, required, ...place }: PlaceProps) {
  const problems = useProblemsAt(place.pointer);
  return (
    <div data-pointer={place.pointer}>
      <Field
        label={label}
        required={required}
        help={helpOf(place.node)}
        {...told(problems, descriptionOf(place.node))}
      >
        {(ids) => <Control {...place} ids={ids} />}
      </Field>
    </div>
  );
}
