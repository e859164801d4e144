import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Job } from "@/api/schema";
import { canCancel, canPause, canRetry, isInTrash, isOver } from "@/job/states";
import { useRetry, useVerb } from "@/job/verbs";
import { Button } from "@/look/Button";
import { PauseIcon, PlayIcon, RefreshIcon } from "@/look/icons";
import { Menu, type MenuItem } from "@/look/Menu";
import { useMay } from "@/session/session";
import { CancelDialog } from "./CancelDialog";
import { DeleteDialog } from "./DeleteDialog";
import { EditDialog } from "./EditDialog";

type Asking = "cancel" | "delete" | "edit" | null;

/** What can be done to the job: the likeliest as a button, the rest in a menu. */
export function Verbs({ job }: { job: Job }) {
  const [asking, setAsking] = useState<Asking>(null);
  const mayWrite = useMay("jobs:write");
  const navigate = useNavigate();
  const verb = useVerb(job);
  const retry = useRetry(job, ({ id }) => {
    void navigate({ to: "/jobs/$jobId", params: { jobId: id } });
  });
  if (!mayWrite) return null;

  const button = (title: string, icon: ReactNode, busy: boolean, onClick: () => void) => (
    <Button busy={busy} onClick={onClick}>
      {icon}
      {title}
    </Button>
  );
  const busy = verb.isPending;
  const items: MenuItem[] = [
    { id: "edit", title: "Rename, labels …", onSelect: () => setAsking("edit") },
    { id: "clone", title: "Clone …", onSelect: () => void navigate({ to: `/new?from=${job.id}` }) },
  ];
  if (canRetry(job)) {
    items.push({
      id: "from-start",
      title: "Retry from the first step",
      onSelect: () => retry.mutate({ fromStart: true }),
    });
  }
  if (isOver(job)) {
    items.push({
      id: "delete",
      title: "Delete …",
      danger: true,
      onSelect: () => setAsking("delete"),
    });
  }

  if (isInTrash(job)) {
    return button("Restore", <RefreshIcon />, busy, () => verb.mutate({ verb: "restore" }));
  }
  return (
    <>
      {canPause(job) && button("Pause", <PauseIcon />, busy, () => verb.mutate({ verb: "pause" }))}
      {job.state === "paused" &&
        button("Resume", <PlayIcon />, busy, () => verb.mutate({ verb: "resume" }))}
      {canRetry(job) &&
        button("Retry", <RefreshIcon />, retry.isPending, () => retry.mutate({ fromStart: false }))}
      {canCancel(job) && (
        <Button kind="danger" onClick={() => setAsking("cancel")}>
          Cancel
        </Button>
      )}
      <Menu label="More to do with this job" items={items} />
      <CancelDialog job={job} open={asking === "cancel"} onClose={() => setAsking(null)} />
      <DeleteDialog job={job} open={asking === "delete"} onClose={() => setAsking(null)} />
      {asking === "edit" && <EditDialog opened={job} onClose={() => setAsking(null)} />}
    </>
  );
}
