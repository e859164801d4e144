/** What an event says, in a line. */
import { numberIn, textIn } from "@/api/loose";
import type { Event } from "@/api/schema";
import { phaseTitle } from "@/job/header/phases";
import type { Tone } from "@/look/Chip";
import { bytes, count, percent } from "@/look/format";

/** Told of by the bar in the header, and far too many to read. */
export function isProgress({ type }: Event): boolean {
  return type === "job.progress";
}

export function titleOf({ type }: Event): string {
  const words = type.replace(/^job\./, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function toneOf({ type }: Event): Tone {
  switch (type) {
    case "job.succeeded":
    case "job.artifact_ready":
      return "good";
    case "job.failed":
    case "job.artifact_failed":
      return "bad";
    case "job.warning":
    case "job.attempt_lost":
    case "job.expired":
      return "warn";
    case "job.started":
    case "job.resumed":
    case "job.phase_changed":
      return "info";
    default:
      return "neutral";
  }
}

export function textOf({ type, data }: Event): string {
  switch (type) {
    case "job.phase_changed":
      return phaseTitle(textIn(data, "phase") ?? "");
    case "job.progress":
      return progressText(data);
    case "job.checkpoint_saved":
      return [
        phaseTitle(textIn(data, "phase") ?? ""),
        `step ${count(numberIn(data, "step"))}`,
        bytes(numberIn(data, "bytes")),
      ].join(", ");
    case "job.teacher_measured":
      return teacherText(data);
    case "job.warning":
    case "job.failed":
    case "job.attempt_lost":
      return messageIn(data) ?? pairs(data);
    case "job.artifact_ready":
      return `${textIn(data, "name") ?? ""}, ${bytes(numberIn(data, "bytes"))}`;
    case "job.succeeded":
      return verdictText(textIn(data, "verdict"));
    default:
      return pairs(data);
  }
}

function verdictText(verdict: string | null): string {
  switch (verdict) {
    case "passed":
      return "Every gate is met";
    case "failed":
      return "A gate is not met";
    default:
      return "";
  }
}

function messageIn(data: Event["data"]): string | null {
  const message = textIn(data, "message") ?? textIn(data, "failure", "message");
  const hint = textIn(data, "hint") ?? textIn(data, "failure", "hint");
  return message === null ? null : [message, hint].filter(Boolean).join(". ");
}

function progressText(data: Event["data"]): string {
  const done = percent(numberIn(data, "fraction"), 0);
  const epoch = numberIn(data, "epoch");
  const epochs = epoch === null ? "" : `, epoch ${epoch} of ${count(numberIn(data, "epochs"))}`;
  return `${phaseTitle(textIn(data, "phase") ?? "")} ${done}${epochs}`;
}

function teacherText(data: Event["data"]): string {
  const top1 = numberIn(data, "top1");
  const floor = numberIn(data, "floor");
  if (top1 === null) return pairs(data);
  const bar = floor === null ? "" : `, had to reach ${percent(floor)}`;
  return `${percent(top1)} top-1 of ${count(numberIn(data, "samples"))} samples${bar}`;
}

/** Whatever else there is, as it is. */
function pairs(data: Event["data"]): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== "")
    .map(
      ([name, value]) =>
        `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ");
}
