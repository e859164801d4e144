import { ButtonLink } from "@/app/ButtonLink";
import { Button } from "@/look/Button";
import { Empty } from "@/look/Empty";

/** The first thing that a new user sees. */
export function NoJobs() {
  return (
    <Empty
      title="No jobs yet"
      action={
        <ButtonLink to="/new" kind="primary">
          New job
        </ButtonLink>
      }
      command={{ label: "Or on real digits, in two minutes", code: demoCommand() }}
    >
      A job teaches a small student what a large teacher knows, and says what is left of it.
    </Empty>
  );
}

export function NoMatch({ isTrash, onClear }: { isTrash: boolean; onClear: () => void }) {
  return (
    <Empty
      title={isTrash ? "The trash is empty" : "No job is like that"}
      action={<Button onClick={onClear}>Show all jobs</Button>}
    >
      {isTrash
        ? "Deleted jobs stay here for some days, and can be restored."
        : "Loosen a filter: a name is found by any part of it, a label by key=value."}
    </Empty>
  );
}

function demoCommand(): string {
  return `still demo --url ${new URL(".", document.baseURI).href.replace(/\/$/, "")}`;
}
