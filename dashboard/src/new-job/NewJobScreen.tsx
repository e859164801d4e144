import { useRouter, useSearch } from "@tanstack/react-router";
import { hrefTo } from "@/look/Anchor";
import { Notice } from "@/look/Notice";
import { Page } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { useToasts } from "@/look/toast-queue";
import { rootNode } from "@/schema-form/shape";
import { useMay } from "@/session/session";
import { NewJobForm } from "./NewJobForm";
import { NotAnswered } from "./NotAnswered";
import { useOrigin, useSpecification } from "./queries";
import { begunWith, type NewJobSearch, newJobSearch } from "./search";

export function NewJobScreen() {
  const search = newJobSearch(useSearch({ strict: false }));
  const { from } = search;
  return (
    <Page title={from === undefined ? "New job" : "Clone a job"}>
      <Loaded key={JSON.stringify(search)} {...search} />
    </Page>
  );
}

/** The form needs the schema of a job, and a clone the job that it begins as. */
function Loaded({ from, teacher, data }: NewJobSearch) {
  const router = useRouter();
  const { say } = useToasts();
  const may = useMay("jobs:write");
  const schema = useSpecification();
  const origin = useOrigin(from);
  if (!may) {
    return (
      <Notice
        tone="warn"
        title="Your key may not submit jobs."
        hint="Sign in with a key that has the scope jobs:write."
      />
    );
  }
  if (schema.isError || origin.isError) return <NotAnswered queries={[schema, origin]} />;
  if (schema.data === undefined || (from !== undefined && origin.data === undefined)) {
    return <Skeleton lines={12} />;
  }
  return (
    <NewJobForm
      node={rootNode(schema.data)}
      origin={origin.data}
      begun={begunWith({ ...(teacher && { teacher }), ...(data && { data }) })}
      onSubmitted={(job) => {
        say(`${job.name} is queued.`);
        router.history.push(hrefTo(`/jobs/${job.id}`));
      }}
    />
  );
}
