import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Upload } from "@/api/schema";
import { Field } from "@/look/Field";
import { described, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { ArchitectureInput } from "@/new-job/ArchitectureInput";
import { MODEL_FILES, plainName } from "./names";
import { useNewModel } from "./registering";
import { UploadBox } from "./UploadBox";

/** A checkpoint or a graph, sent and registered; a worker then looks at it. */
export function NewModelForm({ onMade }: { onMade: (id: string) => void }) {
  const [name, setName] = useState("");
  const [architecture, setArchitecture] = useState("");
  const create = useNewModel();
  const make = ({ id, filename }: Upload) => {
    const body = {
      upload: id,
      name: name || plainName(filename),
      architecture: isGraph(filename) ? null : architecture,
      image_size: null,
    };
    // Of `mutate`, not after it: a form that is gone by then has nothing to say.
    create.mutate(body, { onSuccess: (model) => onMade(model.id) });
  };
  const refuse = (filename: string) =>
    isGraph(filename) || architecture !== ""
      ? null
      : "Say first which architecture the weights are of.";
  const problem = create.error === null ? null : asProblem(create.error);
  return (
    <>
      <Field
        label="Architecture of the weights"
        help="An .onnx graph is a whole network and has none."
      >
        {(ids) => (
          <ArchitectureInput
            {...described(ids)}
            placeholder="resnet18"
            value={architecture}
            onChange={setArchitecture}
          />
        )}
      </Field>
      <Field label="Name of the model">
        {(ids) => (
          <TextInput
            {...described(ids)}
            placeholder="that of the file"
            maxLength={200}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <UploadBox kind="model" accept={MODEL_FILES} refuse={refuse} onSent={make} />
      {problem !== null && (
        <Notice
          tone="bad"
          title={problem.detail || problem.title}
          hint={problem.errors[0]?.hint ?? problem.hint}
        />
      )}
    </>
  );
}

function isGraph(filename: string): boolean {
  return filename.toLowerCase().endsWith(".onnx");
}
