import { Notice } from "@/look/Notice";
import { useUnplaced } from "./problems";

/** What is wrong and has no field to stand at, each with its way out. */
export function ProblemSummary() {
  const problems = useUnplaced();
  if (problems.length === 0) return null;
  return (
    <>
      {problems.map(({ pointer, code, message, hint }) => (
        <Notice
          key={`${pointer} ${code} ${message}`}
          tone="bad"
          title={pointer === null || pointer === "" ? message : `${pointer}: ${message}`}
          {...(hint === "" ? {} : { hint })}
        />
      ))}
    </>
  );
}
