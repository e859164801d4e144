import type { Job, WaitReason } from "@/api/schema";
import { count } from "@/look/format";
import { Notice } from "@/look/Notice";

/** Where a job waits, and why nobody has taken it yet. */
export function QueueNotice({ queue: { position, reason } }: { queue: NonNullable<Job["queue"]> }) {
  const { said, hint } = REASONS[reason];
  const place = position === 1 ? "Next in the queue" : `Number ${count(position)} in the queue`;
  return (
    <Notice
      tone={reason === "no_worker" ? "warn" : "info"}
      title={`${place}: ${said}`}
      hint={hint}
    />
  );
}

const REASONS: Record<WaitReason, { said: string; hint: string | null }> = {
  no_worker: {
    said: "no worker that could take it is up",
    hint: "Start one, or ask the operator; the job waits until then.",
  },
  jobs_ahead: { said: "others go first", hint: null },
  workers_busy: { said: "every worker is busy", hint: null },
  about_to_start: { said: "about to start", hint: null },
};
