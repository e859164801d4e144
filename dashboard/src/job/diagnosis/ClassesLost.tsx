import type { ClassLost } from "@/job/report";
import { Empty } from "@/look/Empty";
import { count, percent, points } from "@/look/format";
import { Section } from "@/look/Page";
import { type Column, Table } from "@/look/Table";
import styles from "./DiagnosisTab.module.css";

interface ClassesLostProps {
  lost: readonly ClassLost[];
  reference: string;
}

export function ClassesLost({ lost, reference }: ClassesLostProps) {
  return (
    <Section
      title="Classes that lost most"
      note="How often a class is recognised, the worst first. Of few samples a single one is many points."
    >
      <Table
        label="Classes that lost most"
        rows={lost}
        columns={columnsFor(reference)}
        keyOf={({ name }) => name}
        empty={
          <Empty title="No class lost">
            The student recognises every class at least as often as the {reference}.
          </Empty>
        }
      />
    </Section>
  );
}

function columnsFor(reference: string): Column<ClassLost>[] {
  return [
    { id: "class", title: "Class", cell: ({ name }) => <span title={name}>{name}</span> },
    {
      ...{ id: "samples", title: "Samples", align: "end", width: "90px", hideBelow: "phone" },
      cell: ({ samples }) => count(samples),
    },
    {
      ...{ id: "reference", title: capital(reference), align: "end", width: "90px" },
      cell: (one) => percent(one.reference, 1),
    },
    {
      ...{ id: "student", title: "Student", align: "end", width: "90px" },
      cell: (one) => percent(one.student, 1),
    },
    {
      ...{ id: "difference", title: "Points", align: "end", width: "90px" },
      cell: (one) => points(one.difference),
    },
    {
      ...{ id: "bar", title: "Lost", width: "28%", hideBelow: "tablet" },
      cell: (one) => <Lost fraction={-one.difference} />,
    },
  ];
}

/** As long as what was lost of all samples of the class. */
function Lost({ fraction }: { fraction: number }) {
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={styles.lost} style={{ width: `${Math.min(1, fraction) * 100}%` }} />
    </span>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
