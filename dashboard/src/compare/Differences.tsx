import styles from "@/compare/compare.module.css";
import type { Known } from "@/compare/compared";
import { type Difference, differencesOf, textOf } from "@/compare/differences";
import { JobName } from "@/compare/JobName";
import { Empty } from "@/look/Empty";
import { count, MISSING } from "@/look/format";
import { Section } from "@/look/Page";
import { type Column, Table } from "@/look/Table";

/** Only what the jobs ask for differently, with defaults filled in. */
export function Differences({ jobs }: { jobs: readonly Known[] }) {
  const rows = differencesOf(jobs.map(({ job }) => job.resolved));
  return (
    <Section title="What they ask for" note={noteOn(jobs.length, rows.length)}>
      <Table
        label="Differences between the specifications"
        rows={rows}
        columns={columnsOf(jobs)}
        keyOf={({ path }) => path}
        empty={
          <Empty title={jobs.length < 2 ? "One job differs from nothing" : "No difference"}>
            {jobs.length < 2
              ? "Add a second job to see what it asks for differently."
              : "These jobs ask for the same; what differs is luck, or the machine."}
          </Empty>
        }
      />
    </Section>
  );
}

function columnsOf(jobs: readonly Known[]): Column<Difference>[] {
  return [
    {
      id: "path",
      title: "Key",
      width: "240px",
      cell: ({ path }) => (
        <code title={path} className={styles.path}>
          {path}
        </code>
      ),
    },
    ...jobs.map(({ id, job, place }, index) => ({
      id,
      title: <JobName place={place} name={job.name} />,
      width: "180px",
      cell: ({ values }: Difference) => <Value value={values[index]} />,
    })),
  ];
}

function Value({ value }: { value: unknown }) {
  const text = textOf(value);
  if (text === undefined) return <span title="Not there">{MISSING}</span>;
  return <code title={text}>{text}</code>;
}

function noteOn(jobs: number, rows: number): string | undefined {
  if (jobs < 2 || rows === 0) return undefined;
  return `${count(rows)} ${rows === 1 ? "key differs" : "keys differ"}; defaults are filled in, and the rest is the same.`;
}
