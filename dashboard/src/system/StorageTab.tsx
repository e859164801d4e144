import { asProblem } from "@/api/problem";
import type { Storage, Stored } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { Empty } from "@/look/Empty";
import { Facts } from "@/look/Facts";
import { bytes, count, seconds } from "@/look/format";
import { Section } from "@/look/Page";
import { ProgressBar } from "@/look/ProgressBar";
import { Skeleton } from "@/look/Skeleton";
import { type Column, Table } from "@/look/Table";
import { useStorage } from "./queries";
import styles from "./system.module.css";

export function StorageTab() {
  const { data, error, refetch } = useStorage();
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return (
    <>
      <Section title="Disk" note="Of the machine that keeps the files.">
        {data === undefined ? <Skeleton height={46} /> : <Disk {...data.disk} />}
      </Section>
      <Section title="What is kept">
        <Table
          label="What is kept"
          rows={data?.data ?? []}
          loading={data === undefined}
          columns={COLUMNS}
          keyOf={({ kind }) => kind}
          empty={<Empty title="Nothing is kept yet" />}
        />
      </Section>
      <Section title="For how long">
        {data === undefined ? <Skeleton height={46} /> : <Retention {...data.retention} />}
      </Section>
    </>
  );
}

function Disk({ free_bytes, total_bytes }: Storage["disk"]) {
  const used = total_bytes - free_bytes;
  const fraction = total_bytes === 0 ? 0 : used / total_bytes;
  return (
    <div className={styles.disk}>
      <ProgressBar
        fraction={fraction}
        label="Room that is taken"
        tone={fraction > NEARLY_FULL ? "warn" : undefined}
      />
      <p>
        <strong>{bytes(free_bytes)}</strong> free of {bytes(total_bytes)}
      </p>
    </div>
  );
}

const NEARLY_FULL = 0.9;

function Retention({ trash_s, uploads_s, recordings_bytes }: Storage["retention"]) {
  return (
    <Facts
      items={[
        { term: "In the trash", value: seconds(trash_s) },
        { term: "Unfinished uploads", value: seconds(uploads_s) },
        { term: "Recorded answers", value: `up to ${bytes(recordings_bytes)}` },
      ]}
    />
  );
}

const KINDS: Record<Stored["kind"], string> = {
  models: "Models",
  datasets: "Data sets",
  artifacts: "Artifacts of jobs",
  checkpoints: "Checkpoints to go on from",
  uploads: "Uploads",
  recordings: "Recorded answers of teachers",
  trash: "Trash",
};

const COLUMNS: readonly Column<Stored>[] = [
  { id: "kind", title: "Kind", cell: ({ kind }) => KINDS[kind] },
  { id: "count", title: "Files", align: "end", width: "112px", cell: (row) => count(row.count) },
  {
    id: "bytes",
    title: "Size",
    align: "end",
    width: "112px",
    cell: (row) => <span title={`${count(row.bytes)} bytes`}>{bytes(row.bytes)}</span>,
  },
];
