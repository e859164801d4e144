import { useMemo, useState } from "react";
import { Button } from "@/look/Button";
import { Empty } from "@/look/Empty";
import { bytes, percent, points } from "@/look/format";
import { Menu } from "@/look/Menu";
import { Section } from "@/look/Page";
import { ProgressBar } from "@/look/ProgressBar";
import { Relative } from "@/look/Relative";
import { StateChip } from "@/look/StateChip";
import { type Column, Table } from "@/look/Table";
import { VerdictChip } from "@/look/VerdictChip";
import styles from "./gallery.module.css";
import { type SampleJob, sampleJobs } from "./samples";

const COLUMNS: readonly Column<SampleJob>[] = [
  {
    id: "name",
    title: "Name",
    sortable: true,
    cell: (job) => <span title={job.name}>{job.name}</span>,
  },
  {
    id: "state",
    title: "State",
    width: "136px",
    sortable: true,
    cell: (job) => (
      <StateChip state={job.state} phase={job.progress === null ? null : "training"} />
    ),
  },
  {
    id: "progress",
    title: "Progress",
    width: "120px",
    hideBelow: "tablet",
    cell: (job) =>
      job.progress !== null && <ProgressBar label="Progress" fraction={job.progress} />,
  },
  {
    id: "top1",
    title: "Top-1",
    width: "92px",
    align: "end",
    sortable: true,
    hideBelow: "phone",
    cell: (job) => percent(job.top1),
  },
  {
    id: "difference",
    title: "vs teacher",
    width: "96px",
    align: "end",
    hideBelow: "tablet",
    cell: (job) => points(job.difference),
  },
  {
    id: "size",
    title: "Size",
    width: "92px",
    align: "end",
    hideBelow: "tablet",
    cell: (job) => bytes(job.size),
  },
  {
    id: "verdict",
    title: "Gates",
    width: "108px",
    hideBelow: "phone",
    cell: (job) => <VerdictChip verdict={job.verdict} />,
  },
  {
    id: "at",
    title: "Age",
    width: "108px",
    align: "end",
    hideBelow: "phone",
    cell: (job) => <Relative at={job.at} />,
  },
  {
    id: "actions",
    title: <span className="unseen">Actions</span>,
    width: "56px",
    cell: (job) => (
      <Menu
        label={`Actions of ${job.name}`}
        items={[{ id: "clone", title: "Clone", onSelect: () => {} }]}
      />
    ),
  },
];

export function Tables() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(["job_1"]));
  const [sort, setSort] = useState({ by: "name", descending: false });
  const many = useMemo(() => sampleJobs(10_000), []);
  const few = many.slice(0, 5);
  const common = {
    columns: COLUMNS,
    keyOf: (job: SampleJob) => job.id,
    empty: (
      <Empty title="No job is like that" action={<Button>Clear the filters</Button>}>
        Three filters are set.
      </Empty>
    ),
  };
  return (
    <div className={styles.stack}>
      <Section title="Ten thousand rows" note={`${selected.size} selected.`}>
        <Table
          {...common}
          label="Many jobs"
          rows={many}
          hrefOf={(job) => `/gallery.html#${job.id}`}
          sort={sort}
          onSort={(by) => setSort({ by, descending: by === sort.by && !sort.descending })}
          selected={selected}
          onSelect={setSelected}
        />
      </Section>
      <Section title="A few, with more on the way">
        <Table {...common} label="Few jobs" rows={few} loading onOpen={() => {}} />
      </Section>
      <Section title="Loading">
        <Table {...common} label="Loading jobs" rows={[]} loading />
      </Section>
      <Section title="Nothing found">
        <Table {...common} label="No jobs" rows={[]} />
      </Section>
    </div>
  );
}
