/** What the state of a job allows. The service has the last word; this decides what is offered. */
import type { Job, State } from "@/api/schema";

export function isOver({ state }: Job): boolean {
  switch (state) {
    case "succeeded":
    case "failed":
    case "cancelled":
    case "expired":
      return true;
    case "queued":
    case "starting":
    case "running":
    case "pausing":
    case "paused":
    case "cancelling":
      return false;
  }
}

const ENDABLE: readonly State[] = ["queued", "starting", "running", "pausing", "paused"];
const PAUSABLE: readonly State[] = ["queued", "starting", "running"];
const RETRYABLE: readonly State[] = ["failed", "cancelled", "expired"];
const WAITING: readonly State[] = ["queued", "paused"];

export function canCancel({ state }: Job): boolean {
  return ENDABLE.includes(state);
}

export function canPause({ state }: Job): boolean {
  return PAUSABLE.includes(state);
}

export function canRetry({ state }: Job): boolean {
  return RETRYABLE.includes(state);
}

/** Only while it waits does a priority mean anything. */
export function hasPriority({ state }: Job): boolean {
  return WAITING.includes(state);
}

export function isInTrash({ deleted_at }: Job): boolean {
  return deleted_at !== null;
}
