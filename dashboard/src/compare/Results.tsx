import styles from "@/compare/compare.module.css";
import { bestOf, type Known, type Result, resultOf } from "@/compare/compared";
import { GateWords } from "@/compare/GateWords";
import { JobName } from "@/compare/JobName";
import { IconButton } from "@/look/Button";
import { number, percent, points } from "@/look/format";
import { CrossIcon } from "@/look/icons";
import { Section } from "@/look/Page";
import { StateChip } from "@/look/StateChip";
import { type Column, Table } from "@/look/Table";

interface Row {
  compared: Known;
  result: Result;
}

interface Measure {
  id: keyof Result;
  title: string;
  better: "more" | "less" | null;
  format: (value: number | null) => string;
}

const MEASURES: readonly Measure[] = [
  { id: "teacher", title: "Teacher", better: null, format: percent },
  { id: "student", title: "Student", better: "more", format: percent },
  { id: "difference", title: "Difference", better: null, format: points },
  { id: "agreement", title: "Agreement", better: "more", format: percent },
  { id: "int8", title: "int8", better: "more", format: percent },
  { id: "sizeMb", title: "MB", better: "less", format: number },
  { id: "int8Mb", title: "int8 MB", better: "less", format: number },
  { id: "latencyMs", title: "ms", better: "less", format: number },
  { id: "int8Ms", title: "int8 ms", better: "less", format: number },
];

interface ResultsProps {
  jobs: readonly Known[];
  waiting: boolean;
  onRemove: (id: string) => void;
}

/** What each job has come to, a line for each. */
export function Results({ jobs, waiting, onRemove }: ResultsProps) {
  const rows = jobs.map((compared) => ({ compared, result: resultOf(compared) }));
  return (
    <Section title="Results" note={noteOn(jobs)}>
      <Table
        label="Results"
        rows={rows}
        columns={columnsOf(rows, onRemove)}
        keyOf={({ compared }) => compared.id}
        hrefOf={({ compared }) => `/jobs/${compared.id}`}
        loading={waiting}
        empty={null}
      />
    </Section>
  );
}

function columnsOf(rows: readonly Row[], onRemove: (id: string) => void): Column<Row>[] {
  return [
    {
      id: "job",
      title: "Job",
      width: "200px",
      cell: ({ compared }) => <JobName place={compared.place} name={compared.job.name} />,
    },
    {
      id: "state",
      title: "State",
      width: "124px",
      cell: ({ compared: { job } }) => <StateChip state={job.state} phase={job.phase} />,
    },
    ...MEASURES.filter(({ id }) => id !== "agreement" || lacksTop1(rows)).map((measure) =>
      columnOf(measure, rows),
    ),
    {
      id: "gates",
      title: "Gates",
      width: "140px",
      cell: ({ compared }) => <GateWords compared={compared} />,
    },
    {
      id: "remove",
      title: <span className="unseen">Remove</span>,
      width: "60px",
      cell: ({ compared }) => (
        <IconButton
          label={`Take ${compared.job.name} out of the comparison`}
          icon={<CrossIcon />}
          onClick={() => onRemove(compared.id)}
        />
      ),
    },
  ];
}

function columnOf({ id, title, better, format }: Measure, rows: readonly Row[]): Column<Row> {
  const values = rows.map(({ result }) => result[id]);
  const best = better && bestOf(values, better);
  // Nobody is better by what is not shown, and nobody is the best where all are alike.
  const differs = new Set(values.map(format)).size > 1;
  return {
    id,
    title,
    align: "end",
    width: "88px",
    cell: ({ result }) =>
      best !== null && differs && format(result[id]) === format(best) ? (
        <strong className={styles.best} title="The best of these jobs">
          {format(result[id])}
        </strong>
      ) : (
        format(result[id])
      ),
  };
}

/** Data without labels: how often the student answers as its teacher is all there is. */
function lacksTop1(rows: readonly Row[]): boolean {
  return rows.some(({ result }) => result.student === null && result.agreement !== null);
}

function noteOn(jobs: readonly Known[]): string {
  const devices = new Set(jobs.flatMap(({ report }) => report?.device ?? []));
  const measured =
    "Top-1 of teacher, student and int8; the difference is the student's less the teacher's, in points of percent. ms is the median time of one image.";
  if (devices.size < 2) return measured;
  return `${measured} The students ran on different devices (${[...devices].join(", ")}), so their times say little about each other.`;
}
