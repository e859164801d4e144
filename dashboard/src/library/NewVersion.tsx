import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Dataset } from "@/api/schema";
import { Button } from "@/look/Button";
import { PlusIcon } from "@/look/icons";
import { Notice } from "@/look/Notice";
import { DATA_FILES } from "@/uploads/names";
import { useNewVersion } from "@/uploads/registering";
import { UploadBox } from "@/uploads/UploadBox";

/** The same data set with other images, beside the versions that jobs have used. */
export function NewVersion({ dataset, onMade }: { dataset: Dataset; onMade: () => void }) {
  const [open, setOpen] = useState(false);
  const create = useNewVersion(dataset.id);
  const problem = create.error === null ? null : asProblem(create.error);
  if (!open) {
    return (
      <Button size="small" onClick={() => setOpen(true)}>
        <PlusIcon /> Add a version
      </Button>
    );
  }
  return (
    <>
      <UploadBox
        kind="dataset"
        folders
        accept={DATA_FILES}
        onSent={({ id }) =>
          create.mutate(id, {
            onSuccess: () => {
              setOpen(false);
              onMade();
            },
          })
        }
      />
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
