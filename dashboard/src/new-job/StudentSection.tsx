import { useState } from "react";
import { Button } from "@/look/Button";
import { Chip } from "@/look/Chip";
import { Empty } from "@/look/Empty";
import { rounded } from "@/look/format";
import { described, TextInput } from "@/look/inputs";
import { Section } from "@/look/Page";
import { type Column, Table } from "@/look/Table";
import { ProblemsHere } from "@/schema-form/Group";
import { asObject } from "@/schema-form/json";
import { SchemaForm } from "@/schema-form/SchemaForm";
import { type DraftProps, inSection, textIn } from "./draft";
import { More } from "./More";
import { NotAnswered } from "./NotAnswered";
import styles from "./new-job.module.css";
import { memberNode } from "./nodes";
import { PlacedField } from "./PlacedField";
import { useStudents } from "./queries";
import { countedSide, type Student, studentsIn } from "./students";

export function StudentSection({ node, spec, write }: DraftProps) {
  const [search, setSearch] = useState("");
  const students = useStudents();
  const chosen = textIn(spec.student, "architecture");
  const place = memberNode(node, "student");
  const usualSide = memberNode(node, "data", "image_size");
  const side = countedSide(Number(asObject(spec.data).image_size ?? usualSide?.schema.default));
  const rows = students.data === undefined ? [] : studentsIn(students.data, search, side);
  const choose = (name: string) => write("student", inSection(spec.student, "architecture", name));
  const columns: readonly Column<Student>[] = [
    { id: "name", title: "Architecture", cell: ({ name }) => name },
    {
      id: "parameters",
      title: "Parameters",
      align: "end",
      width: "110px",
      cell: ({ parameters }) => rounded(parameters),
    },
    {
      id: "macs",
      title: `MACs at ${side}`,
      align: "end",
      width: "110px",
      hideBelow: "phone",
      cell: ({ macs }) => rounded(macs),
    },
    {
      id: "choose",
      title: <span className="unseen">Choose</span>,
      align: "end",
      width: "110px",
      cell: ({ name }) =>
        name === chosen ? (
          <Chip tone="good">Chosen</Chip>
        ) : (
          <Button
            size="small"
            kind="quiet"
            aria-label={`Choose ${name}`}
            onClick={() => choose(name)}
          >
            Choose
          </Button>
        ),
    },
  ];
  const rest = Object.keys(asObject(spec.student)).some((key) => key !== "architecture");
  return (
    <Section title="Student" note="The network that is trained and shipped.">
      <ProblemsHere pointer="/student" />
      <PlacedField
        label="Architecture"
        pointer="/student/architecture"
        help={chosen === "" ? "Search, and choose one of the table." : `Chosen: ${chosen}`}
        required
      >
        {(ids) => (
          <TextInput
            {...described(ids)}
            type="search"
            autoComplete="off"
            placeholder="Search, such as mobilenetv3"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
      </PlacedField>
      <div className={styles.students}>
        {students.isError ? (
          <NotAnswered queries={[students]} />
        ) : (
          <Table
            label="Architectures"
            rows={rows}
            columns={columns}
            keyOf={({ name }) => name}
            onOpen={({ name }) => choose(name)}
            loading={students.isPending}
            empty={<Empty title="No architecture has this in its name." />}
          />
        )}
      </div>
      {place !== null && (
        <More title="More about the student" open={rest}>
          <SchemaForm
            node={place}
            label="Student"
            pointer="/student"
            value={spec.student}
            without={["architecture"]}
            onChange={(value) => write("student", value)}
          />
        </More>
      )}
    </Section>
  );
}
