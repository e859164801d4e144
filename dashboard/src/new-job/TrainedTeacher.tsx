import { described } from "@/look/inputs";
import type { Json, JsonObject } from "@/schema-form/json";
import type { SchemaNode } from "@/schema-form/shape";
import { ArchitectureInput } from "./ArchitectureInput";
import { textIn } from "./draft";
import { memberNode, solid } from "./nodes";
import { PlacedField } from "./PlacedField";
import { RecipeForm } from "./RecipeForm";

interface TrainedTeacherProps {
  node: SchemaNode;
  teacher: JsonObject;
  set: (member: string, value: Json | undefined) => void;
}

/** A teacher that is trained before its student, on the same data. */
export function TrainedTeacher({ node, teacher, set }: TrainedTeacherProps) {
  const recipe = memberNode(node, "recipe");
  return (
    <>
      <PlacedField label="Architecture of the teacher" pointer="/teacher/architecture" required>
        {(ids) => (
          <ArchitectureInput
            {...described(ids)}
            placeholder="resnet18"
            value={textIn(teacher, "architecture")}
            onChange={(name) => set("architecture", name === "" ? undefined : name)}
          />
        )}
      </PlacedField>
      {recipe !== null && (
        <RecipeForm
          title="Recipe of the teacher"
          node={solid(recipe)}
          pointer="/teacher/recipe"
          value={teacher.recipe}
          // Without one, the teacher would be asked for weights.
          onChange={(value) => set("recipe", value ?? {})}
        />
      )}
    </>
  );
}
