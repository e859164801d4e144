import type { GateOutcome } from "@/api/schema";
import styles from "@/compare/compare.module.css";
import type { Known } from "@/compare/compared";
import { MISSING, number } from "@/look/format";
import { VerdictChip } from "@/look/VerdictChip";

/** The verdict, and how many gates it is made of; each of them on pointing. */
export function GateWords({ compared: { job, verdict } }: { compared: Known }) {
  if (job.verdict === null) return <span>{MISSING}</span>;
  const gates = verdict?.gates ?? [];
  const met = gates.filter(({ passed }) => passed === true).length;
  return (
    <span className={styles.gates} title={gates.map(sentence).join("\n") || undefined}>
      <VerdictChip verdict={job.verdict} />
      {gates.length > 0 && (
        <span className={styles.soft}>
          {met} of {gates.length}
        </span>
      )}
    </span>
  );
}

function sentence({ metric, of, op, value, measured, reason }: GateOutcome): string {
  return `${metric} of ${of} ${op} ${number(value)}: ${reason ?? number(measured)}`;
}
