import { useState } from "react";
import type { Failure, Job } from "@/api/schema";
import { useFailureTail } from "@/job/log-queries";
import { Button } from "@/look/Button";
import { Chip } from "@/look/Chip";
import { Notice } from "@/look/Notice";
import { Skeleton } from "@/look/Skeleton";
import styles from "./JobHeader.module.css";
import { phaseTitle } from "./phases";

export function FailureNotice({ job, failure }: { job: Job; failure: Failure }) {
  const [open, setOpen] = useState(false);
  return (
    <Notice
      tone="bad"
      title={failure.message}
      action={
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide the log" : "Last lines of the log"}
        </Button>
      }
    >
      <span className={styles.failureFacts}>
        <Chip title="Whose fault it is">{CLASSES[failure.class]}</Chip>
        <code>{failure.code}</code>
        <span>
          {failure.phase !== null && `in ${phaseTitle(failure.phase).toLowerCase()}, `}
          attempt {failure.attempt}
        </span>
      </span>
      {failure.hint !== "" && <p>{failure.hint}</p>}
      {open && <LogTail job={job} failure={failure} />}
    </Notice>
  );
}

function LogTail({ job, failure }: { job: Job; failure: Failure }) {
  const { data: lines } = useFailureTail(job, failure);
  if (lines === undefined) return <Skeleton lines={6} />;
  if (lines.length === 0) return <p>It printed nothing.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
    <pre className={styles.tail} tabIndex={0}>
      {lines.map(({ text }) => text).join("\n")}
    </pre>
  );
}

const CLASSES: Record<Failure["class"], string> = {
  user_error: "the specification",
  data_error: "the data",
  diverged: "training diverged",
  oom_gpu: "out of GPU memory",
  oom_host: "out of memory",
  infra_lost: "a worker was lost",
  preempted: "preempted",
  internal: "a fault of the service",
};
