import type { ReactNode } from "react";
import type { Doing } from "@/jobs/verbs";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { percent } from "@/look/format";

interface Props {
  asked: Doing | null;
  onNo: () => void;
  onYes: (doing: Doing) => void;
}

/** Before something ends: what it costs, and what is left of it. */
export function Confirm({ asked, onNo, onYes }: Props) {
  return (
    <Dialog
      title={asked ? titleOf(asked) : ""}
      open={asked !== null}
      onClose={onNo}
      footer={
        asked && (
          <>
            <Button onClick={onNo}>Keep it</Button>
            <Button kind="danger" onClick={() => onYes(asked)}>
              {asked.verb === "delete" ? "Delete" : "Cancel the job"}
            </Button>
          </>
        )
      }
    >
      {asked && textOf(asked)}
    </Dialog>
  );
}

function titleOf({ verb, job }: Doing): string {
  return `${verb === "delete" ? "Delete" : "Cancel"} ${job.name}?`;
}

function textOf({ verb, job }: Doing): ReactNode {
  if (verb === "delete") {
    return "Everything that it made goes to the trash with it, from where it can be restored for some days.";
  }
  const { progress } = job;
  return progress
    ? `It is ${percent(progress.fraction, 0)} through ${progress.phase.replaceAll("_", " ")}. A retry goes on from its last checkpoint.`
    : "It has not begun to train. A retry queues it once more.";
}
