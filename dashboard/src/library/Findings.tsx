import type { CheckState, ReportedProblem } from "@/api/schema";
import { Notice } from "@/look/Notice";

interface FindingsProps {
  state: CheckState;
  problems: readonly ReportedProblem[];
  warnings: readonly string[];
}

/** What the check has to say: every problem with its way out, and what is odd. */
export function Findings({ state, problems, warnings }: FindingsProps) {
  return (
    <>
      {state === "checking" && (
        <Notice tone="info" title="A worker looks at it; that takes a moment." />
      )}
      {problems.map(({ code, file, message, hint }) => (
        <Notice key={`${code} ${message}`} tone="bad" title={`Rejected: ${message}`} hint={hint}>
          {file === null ? undefined : `In ${file}`}
        </Notice>
      ))}
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn" title={warning} />
      ))}
    </>
  );
}
