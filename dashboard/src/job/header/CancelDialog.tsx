import { useState } from "react";
import type { Job } from "@/api/schema";
import { useVerb } from "@/job/verbs";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Field } from "@/look/Field";
import { described, TextInput } from "@/look/inputs";
import styles from "./Dialogs.module.css";

interface Props {
  job: Job;
  open: boolean;
  onClose: () => void;
}

export function CancelDialog({ job, open, onClose }: Props) {
  const [reason, setReason] = useState("");
  const verb = useVerb(job);
  return (
    <Dialog
      title="Cancel this job?"
      open={open}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it going</Button>
          <Button
            kind="danger"
            busy={verb.isPending}
            onClick={() => verb.mutate({ verb: "cancel", reason }, { onSettled: onClose })}
          >
            Cancel the job
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p>
          <strong className={styles.name}>{job.name}</strong> ends for good, and makes no files. It
          can be retried from its last checkpoint, as a new job.
        </p>
        <Field label="Reason" help="Kept in the event that tells of it; may be empty.">
          {(ids) => (
            <TextInput
              {...described(ids)}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
