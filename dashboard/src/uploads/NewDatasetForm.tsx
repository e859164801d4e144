import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Upload } from "@/api/schema";
import { Field } from "@/look/Field";
import { Checkbox, described, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { DATA_FILES, plainName } from "./names";
import { useNewDataset } from "./registering";
import { UploadBox } from "./UploadBox";

/** Images, sent and registered; a worker then looks at them. */
export function NewDatasetForm({ onMade }: { onMade: (ref: string) => void }) {
  const [name, setName] = useState("");
  const [unlabelled, setUnlabelled] = useState(false);
  const create = useNewDataset();
  const make = ({ id, filename }: Upload) => {
    const body = { upload: id, name: name || plainName(filename), unlabelled };
    // Of `mutate`, not after it: a form that is gone by then has nothing to say.
    create.mutate(body, {
      onSuccess: ({ versions: [newest] }) => {
        if (newest !== undefined) onMade(newest.ref);
      },
    });
  };
  const problem = create.error === null ? null : asProblem(create.error);
  return (
    <>
      <Field label="Name of the data set">
        {(ids) => (
          <TextInput
            {...described(ids)}
            placeholder="that of the file or folder"
            maxLength={200}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <Checkbox
        label="Images without labels: folders are no classes"
        checked={unlabelled}
        onChange={({ target }) => setUnlabelled(target.checked)}
      />
      <UploadBox kind="dataset" folders accept={DATA_FILES} onSent={make} />
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
