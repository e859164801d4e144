import { useNavigate } from "@tanstack/react-router";
import type { Job } from "@/api/schema";
import { useDelete } from "@/job/verbs";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import styles from "./Dialogs.module.css";

interface Props {
  job: Job;
  open: boolean;
  onClose: () => void;
}

export function DeleteDialog({ job, open, onClose }: Props) {
  const navigate = useNavigate();
  const remove = useDelete(job, () => {
    onClose();
    void navigate({ to: "/jobs" });
  });
  return (
    <Dialog
      title="Delete this job?"
      open={open}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Move to the trash
          </Button>
        </>
      }
    >
      <p>
        <strong className={styles.name}>{job.name}</strong> goes to the trash with all the files
        that it made. From there it can be restored for some days; then it is gone.
      </p>
    </Dialog>
  );
}
