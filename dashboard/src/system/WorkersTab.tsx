import { asProblem } from "@/api/problem";
import type { Machine, Worker } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { Anchor } from "@/look/Anchor";
import { Chip, type Tone } from "@/look/Chip";
import { Copyable } from "@/look/Copyable";
import { Empty } from "@/look/Empty";
import { bytes, count, MISSING } from "@/look/format";
import { BlockedIcon, DoneIcon, OfflineIcon } from "@/look/icons";
import { Section } from "@/look/Page";
import { Relative } from "@/look/Relative";
import { type Column, Table } from "@/look/Table";
import { useWorkers } from "./queries";
import styles from "./system.module.css";

export function WorkersTab() {
  const { data, error, refetch } = useWorkers();
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return (
    <Section title="Workers" note="The machines that jobs run on. Everybody here shares them.">
      <Table
        label="Workers"
        rows={data?.data ?? []}
        loading={data === undefined}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={
          <Empty
            title="No worker is up"
            action={<Copyable text="stillhouse-worker" label="command" />}
          >
            Jobs wait until there is one. Start it on a machine that reaches the broker.
          </Empty>
        }
      />
    </Section>
  );
}

const STATES: Record<Worker["state"], { tone: Tone; title: string; icon: typeof DoneIcon }> = {
  active: { tone: "good", title: "It takes jobs", icon: DoneIcon },
  draining: {
    tone: "info",
    title: "It ends what it does and takes nothing new",
    icon: BlockedIcon,
  },
  silent: { tone: "warn", title: "Nothing was heard of it for a while", icon: OfflineIcon },
};

const COLUMNS: readonly Column<Worker>[] = [
  { id: "name", title: "Name", cell: ({ name, host }) => <span title={host}>{name}</span> },
  {
    id: "state",
    title: "State",
    width: "112px",
    cell: ({ state }) => {
      const { tone, title, icon: Icon } = STATES[state];
      return (
        <Chip tone={tone} title={title} icon={<Icon size={14} />}>
          {state}
        </Chip>
      );
    },
  },
  {
    id: "jobs",
    title: "At work on",
    cell: ({ jobs, busy }) => <AtWork jobs={jobs} busy={busy} />,
  },
  {
    id: "slots",
    title: "Busy",
    align: "end",
    width: "80px",
    cell: ({ busy, slots }) => `${count(busy)} of ${count(slots)}`,
  },
  {
    id: "machine",
    title: "Machine",
    hideBelow: "tablet",
    width: "26%",
    cell: ({ machine }) => <span title={wordsOf(machine)}>{wordsOf(machine)}</span>,
  },
  {
    id: "queues",
    title: "Queues",
    hideBelow: "tablet",
    width: "124px",
    cell: ({ queues }) => queues.join(", "),
  },
  {
    id: "heard",
    title: "Heard of",
    align: "end",
    hideBelow: "phone",
    width: "112px",
    cell: ({ heartbeat_at }) => <Relative at={heartbeat_at} />,
  },
];

/** A worker names only the jobs that this key sees. */
function AtWork({ jobs, busy }: { jobs: readonly string[]; busy: number }) {
  const others = busy - jobs.length;
  if (busy === 0) return <span className={styles.soft}>nothing</span>;
  return (
    <span className={styles.atWork}>
      {jobs.map((id) => (
        <Anchor key={id} to={`/jobs/${id}`} title={id}>
          <code>{id}</code>
        </Anchor>
      ))}
      {others > 0 && <span className={styles.soft}>{count(others)} of others</span>}
    </span>
  );
}

function wordsOf({ processors, memory_bytes, gpus, version }: Machine): string {
  const found = [
    ...(gpus ?? []).map((gpu) =>
      gpu.memory_bytes === null ? gpu.name : `${gpu.name} (${bytes(gpu.memory_bytes)})`,
    ),
    processors !== null && `${count(processors)} processors`,
    memory_bytes !== null && bytes(memory_bytes),
    version !== null && `version ${version}`,
  ].filter((one) => typeof one === "string");
  return found.join(" · ") || MISSING;
}
