import type { CheckState, ReportedProblem } from "@/api/schema";
import { Notice } from "@/look/Notice";

interface CheckNoticeProps {
  state: CheckState;
  problems: readonly ReportedProblem[];
}

/** What a worker found in an uploaded file; nothing where all is well. */
export function CheckNotice({ state, problems }: CheckNoticeProps) {
  switch (state) {
    case "ready":
      return null;
    case "checking":
      return <Notice tone="info" title="A worker looks at it; that takes a moment." />;
    case "rejected":
      return (
        <>
          {problems.map(({ code, message, hint }) => (
            <Notice
              key={`${code} ${message}`}
              tone="bad"
              title={`It was rejected: ${message}`}
              hint={hint}
            />
          ))}
        </>
      );
  }
}
