import { asProblem } from "@/api/problem";
import type { ProjectLoad, QueueLoad } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { Anchor } from "@/look/Anchor";
import { Empty } from "@/look/Empty";
import { Facts } from "@/look/Facts";
import { count, MISSING } from "@/look/format";
import { Notice } from "@/look/Notice";
import { Section } from "@/look/Page";
import { Relative } from "@/look/Relative";
import { Skeleton } from "@/look/Skeleton";
import { type Column, Table } from "@/look/Table";
import { useQueue } from "./queries";

export function QueueTab() {
  const { data, error, refetch } = useQueue();
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return (
    <Section title="Queue" note="By project of your key; the sums are of everybody.">
      {data === undefined ? <Skeleton height={46} /> : <Sums load={data} />}
      <Table
        label="Queue by project"
        rows={data?.projects ?? []}
        loading={data === undefined}
        columns={COLUMNS}
        keyOf={({ project }) => project}
        empty={<Empty title="Nothing waits and nothing works">Every job is over.</Empty>}
      />
    </Section>
  );
}

function Sums({ load: { queued, at_work, slots } }: { load: QueueLoad }) {
  return (
    <>
      {slots === 0 && queued > 0 && (
        <Notice
          tone="warn"
          title="No worker is up"
          hint="What waits goes on as soon as one has joined."
        />
      )}
      <Facts
        items={[
          { term: "Waiting", value: count(queued) },
          { term: "At work", value: count(at_work) },
          { term: "Jobs at once", value: count(slots) },
        ]}
      />
    </>
  );
}

const COLUMNS: readonly Column<ProjectLoad>[] = [
  {
    id: "project",
    title: "Project",
    cell: ({ project }) => <Anchor to={`/jobs?project=${project}`}>{project}</Anchor>,
  },
  {
    id: "queued",
    title: "Waiting",
    align: "end",
    width: "96px",
    cell: ({ queued }) => count(queued),
  },
  {
    id: "at_work",
    title: "At work",
    align: "end",
    width: "96px",
    cell: ({ at_work }) => count(at_work),
  },
  {
    id: "oldest",
    title: "Longest waiting since",
    align: "end",
    width: "180px",
    hideBelow: "phone",
    cell: ({ oldest_queued_at }) =>
      oldest_queued_at === null ? MISSING : <Relative at={oldest_queued_at} />,
  },
];
