import type { ErrorComponentProps } from "@tanstack/react-router";
import { asProblem } from "@/api/problem";
import { Button } from "@/look/Button";
import { Notice } from "@/look/Notice";
import { Page } from "@/look/Page";

/** A screen that threw. The rest of the dashboard goes on around it. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const isOld = isMissingCode(error);
  const problem = asProblem(error);
  return (
    <Page title="Something broke">
      {isOld ? (
        <Notice
          tone="warn"
          title="Stillhouse was updated"
          hint="Load the page again to go on with the new version."
          action={<Button onClick={() => location.reload()}>Load again</Button>}
        />
      ) : (
        <Notice
          tone="bad"
          title={problem.title}
          hint={problem.wayOut}
          action={<Button onClick={reset}>Try again</Button>}
        >
          {problem.sentence}
        </Notice>
      )}
    </Page>
  );
}

/** The files of a screen have other names in every version; those of the last are gone. */
function isMissingCode(error: unknown): boolean {
  return (
    error instanceof TypeError && /dynamically imported module|module script/i.test(error.message)
  );
}
