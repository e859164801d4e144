import type { GateOutcome, Job, JobVerdict } from "@/api/schema";
import { useVerdict } from "@/job/queries";
import { isOver } from "@/jobs/job";
import { Chip } from "@/look/Chip";
import { number, percent } from "@/look/format";
import { CheckIcon, ClockIcon, CrossIcon, MinusIcon } from "@/look/icons";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import styles from "./Lists.module.css";

/** Each gate with what was measured, or why nothing was. */
export function Gates({ job }: { job: Job }) {
  const { data } = useVerdict(job);
  return (
    <Section title="Gates" note={data && noteOf(data, job)}>
      {data === undefined && <Skeleton height={44} />}
      {data !== undefined && data.gates.length > 0 && (
        <ul className={styles.list}>
          {data.gates.map((gate) => (
            <Gate
              over={isOver(job)}
              key={`${gate.of} ${gate.metric} ${gate.op} ${gate.value}`}
              gate={gate}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

function noteOf({ gates, verdict }: JobVerdict, { state }: Job): string | undefined {
  if (gates.length === 0)
    return "This job asks for none: say in its gates what a student must reach.";
  if (verdict === "pending") return "They are looked at when the job is over.";
  if (state !== "succeeded") return "Nobody looked at them: the job did not succeed.";
  const met = gates.filter(({ passed }) => passed === true).length;
  return `${met} of ${gates.length} met.`;
}

function Gate({ gate, over }: { gate: GateOutcome; over: boolean }) {
  const { metric, op, value, of: whose, measured, reason } = gate;
  return (
    <li className={styles.item}>
      <Outcome passed={gate.passed} over={over} />
      <span className={styles.words}>
        <span className={styles.strong}>{metric}</span> of {whose}{" "}
        <span className={styles.bar}>
          {SIGNS[op] ?? op} {said(metric, value)}
        </span>
        {reason !== null && <span className={styles.soft}>{reason}</span>}
      </span>
      <span className={styles.number}>{measured === null ? "–" : said(metric, measured)}</span>
    </li>
  );
}

function Outcome({ passed, over }: { passed: boolean | null; over: boolean }) {
  switch (passed) {
    case true:
      return (
        <Chip tone="good" icon={<CheckIcon />}>
          met
        </Chip>
      );
    case false:
      return (
        <Chip tone="bad" icon={<CrossIcon />}>
          not met
        </Chip>
      );
    case null:
      return over ? (
        <Chip icon={<MinusIcon />}>skipped</Chip>
      ) : (
        <Chip icon={<ClockIcon />}>open</Chip>
      );
  }
}

const SIGNS: Record<string, string> = { ">=": "≥", "<=": "≤" };

const FRACTIONS = new Set([
  "top1",
  "top5",
  "macro_f1",
  "ece",
  "agreement_teacher",
  "agreement_student",
]);

function said(metric: string, value: number): string {
  if (metric === "top1_drop") return `${(value * 100).toFixed(2).replace("-", "−")} points`;
  return FRACTIONS.has(metric) ? percent(value) : number(value);
}
