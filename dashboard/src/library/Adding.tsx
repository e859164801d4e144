import styles from "@/library/library.module.css";
import { Dialog } from "@/look/Dialog";
import { NewDatasetForm } from "@/uploads/NewDatasetForm";
import { NewModelForm } from "@/uploads/NewModelForm";

export type Addable = "models" | "datasets";

interface AddingProps {
  what: Addable | null;
  onClose: () => void;
  onMade: (what: Addable, id: string) => void;
}

/** Uploads a file and makes something of it. Closing it pauses: the same file goes on later. */
export function Adding({ what, onClose, onMade }: AddingProps) {
  return (
    <Dialog
      title={what === "datasets" ? "Add a data set" : "Add a model"}
      open={what !== null}
      onClose={onClose}
    >
      <div className={styles.details}>
        {what === "models" && <NewModelForm onMade={(id) => onMade("models", id)} />}
        {what === "datasets" && (
          <NewDatasetForm onMade={(ref) => onMade("datasets", datasetOf(ref))} />
        )}
      </div>
    </Dialog>
  );
}

/** ds_...@1 is the first version of ds_... */
function datasetOf(ref: string): string {
  return ref.replace(/@\d+$/, "");
}
