import { Button } from "@/look/Button";
import { Chip } from "@/look/Chip";
import { CodeBlock } from "@/look/CodeBlock";
import { Copyable } from "@/look/Copyable";
import { Empty } from "@/look/Empty";
import { Facts } from "@/look/Facts";
import { bytes, count, percent, points, ratio, seconds } from "@/look/format";
import { Notice } from "@/look/Notice";
import { Section } from "@/look/Page";
import { ProgressBar } from "@/look/ProgressBar";
import { Relative } from "@/look/Relative";
import { Skeleton } from "@/look/Skeleton";
import { StateChip } from "@/look/StateChip";
import { VerdictChip } from "@/look/VerdictChip";
import styles from "./gallery.module.css";
import { LONG_NAME, STATES } from "./samples";

const CURL = `curl -fsS "$STILLHOUSE_URL/v1/jobs" \\
  -H "Authorization: Bearer $STILLHOUSE_API_KEY" \\
  -H "Content-Type: application/json" \\
  --data @job.json   # a long line goes on and on so that the block has something to scroll to the side for`;

export function Statements() {
  return (
    <div className={styles.stack}>
      <Chips />
      <Notices />
      <Numbers />
      <Section title="Code and things to copy">
        <CodeBlock label="The same job as curl" language="sh" code={CURL} />
        <div className={styles.grid}>
          <Copyable
            label="digest"
            text="sha256:94f1c0f6a1c5e0b7a7e2d3c4b5a697887766554433221100ffeeddccbbaa9988"
          />
          <Copyable
            label="key"
            block
            text="still_06earhkqg1quh68241tflqrh40_06earhkqg1quh68241tflqrh40"
          />
        </div>
      </Section>
      <Section title="Empty and loading">
        <div className={styles.wide}>
          <Empty title="No jobs yet" action={<Button kind="primary">Run the CPU demo</Button>}>
            A demo trains a small student on digits in about a minute.
          </Empty>
          <div>
            <Skeleton width="40%" height={20} />
            <br />
            <br />
            <Skeleton lines={4} />
          </div>
        </div>
      </Section>
    </div>
  );
}

function Chips() {
  return (
    <Section title="Chips">
      <div className={styles.row}>
        {STATES.map((state) => (
          <StateChip key={state} state={state} />
        ))}
        <StateChip state="running" phase="training_teacher" />
      </div>
      <div className={styles.row}>
        {["passed", "failed", "not_evaluated", "pending", null].map((verdict) => (
          <VerdictChip key={verdict} verdict={verdict} />
        ))}
        <Chip>a label=of mine</Chip>
        <span className={styles.narrow}>
          <Chip title={LONG_NAME}>{LONG_NAME}</Chip>
        </span>
      </div>
      <div className={styles.grid}>
        <ProgressBar label="Training" fraction={0.42} />
        <ProgressBar label="Packaging" fraction={null} />
        <ProgressBar label="Done" fraction={1} tone="good" />
        <ProgressBar label="Failed" fraction={0.7} tone="bad" />
        <ProgressBar label="Quota" fraction={0.9} tone="warn" />
      </div>
    </Section>
  );
}

function Notices() {
  return (
    <Section title="Notices">
      <Notice
        tone="info"
        title="This job waits for a worker."
        hint="Start one with still worker."
      />
      <Notice tone="good" title="The student reaches the teacher." />
      <Notice
        tone="warn"
        title="These numbers are from 3 min ago."
        action={<Button size="small">Ask now</Button>}
      >
        The service does not answer. What is shown is what it said last.
      </Notice>
      <Notice
        tone="bad"
        title="The run ran out of memory."
        hint="Set batch_size to auto, or take a smaller student."
        action={<Button size="small">Retry</Button>}
      >
        CUDA asked for 2.4 GB more than there was, at step 1,200.
      </Notice>
    </Section>
  );
}

function Numbers() {
  const at = new Date(Date.now() - 400_000).toISOString();
  return (
    <Section title="Facts">
      <Facts
        items={[
          { term: "Top-1", value: `${percent(0.9014)} (${points(-0.0169)})` },
          { term: "Size", value: `${bytes(829_000)}, ${ratio(18.92)} smaller` },
          { term: "Parameters", value: count(202_426) },
          { term: "Trained for", value: seconds(4330) },
          { term: "Submitted", value: <Relative at={at} /> },
          { term: "Name", value: LONG_NAME },
          { term: "Latency", value: percent(null) },
        ]}
      />
    </Section>
  );
}
