import type { ApiProblem } from "@/api/problem";
import { Button } from "@/look/Button";
import { Copyable } from "@/look/Copyable";
import { Notice } from "@/look/Notice";

interface Props {
  problem: ApiProblem;
  onAgain?: () => void;
}

/** In place of something that could not be shown: what is wrong, the way out, and whom to tell what. */
export function Refused({ problem, onAgain }: Props) {
  return (
    <Notice
      tone={problem.isPassing ? "warn" : "bad"}
      title={problem.status === 403 ? "Your key may not see this" : problem.title}
      hint={problem.wayOut}
      action={
        onAgain && (
          <Button size="small" onClick={onAgain}>
            Try again
          </Button>
        )
      }
    >
      {problem.sentence}
      {problem.instance && problem.status >= 500 && (
        <>
          {" "}
          <Copyable text={problem.instance} label="id of the request" />
        </>
      )}
    </Notice>
  );
}
