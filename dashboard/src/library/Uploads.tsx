import type { UploadSummary } from "@/api/schema";
import styles from "@/library/library.module.css";
import { useUploadShelf } from "@/library/queries";
import { ShelfTable } from "@/library/ShelfTable";
import type { ShelfProps } from "@/library/shelf";
import { IconButton } from "@/look/Button";
import { Chip } from "@/look/Chip";
import { Empty } from "@/look/Empty";
import { bytes, percent } from "@/look/format";
import { DoneIcon, TrashIcon, UploadIcon } from "@/look/icons";
import { ProgressBar } from "@/look/ProgressBar";
import { Relative } from "@/look/Relative";
import type { Column } from "@/look/Table";

/** Files on their way, and those that are here and not forgotten yet. */
export function Uploads({ onRemove }: Pick<ShelfProps, "onRemove">) {
  const shelf = useUploadShelf();
  return (
    <>
      <p className={styles.note}>
        An upload that was interrupted goes on where it was when the same file is chosen again.
      </p>
      <ShelfTable
        label="Uploads"
        shelf={shelf}
        columns={columnsOf(onRemove)}
        keyOf={({ id }) => id}
        empty={
          <Empty title="Nothing is under way">
            Files appear here while they arrive, and until they are forgotten.
          </Empty>
        }
      />
    </>
  );
}

function columnsOf(onRemove: ShelfProps["onRemove"]): Column<UploadSummary>[] {
  const columns: Column<UploadSummary>[] = [
    { id: "file", title: "File", cell: ({ filename }) => <span title={filename}>{filename}</span> },
    { id: "state", title: "State", width: "124px", cell: (upload) => <UploadState {...upload} /> },
    {
      id: "arrived",
      title: "Arrived",
      width: "240px",
      hideBelow: "phone",
      cell: (upload) => <Arrived {...upload} />,
    },
    {
      id: "kind",
      title: "For",
      width: "100px",
      hideBelow: "tablet",
      cell: ({ kind }) => (kind === "model" ? "a model" : "a data set"),
    },
    {
      id: "age",
      title: "Announced",
      width: "110px",
      align: "end",
      hideBelow: "tablet",
      cell: ({ created_at }) => <Relative at={created_at} />,
    },
    {
      id: "expires",
      title: "Forgotten",
      width: "110px",
      align: "end",
      hideBelow: "phone",
      cell: ({ expires_at }) => <Relative at={expires_at} />,
    },
  ];
  if (onRemove === null) return columns;
  return [
    ...columns,
    {
      id: "forget",
      title: <span className="unseen">Forget</span>,
      width: "60px",
      cell: ({ id, filename }) => (
        <IconButton
          label={`Forget ${filename}`}
          icon={<TrashIcon />}
          onClick={() => onRemove({ kind: "uploads", id, name: filename })}
        />
      ),
    },
  ];
}

function UploadState({ state }: UploadSummary) {
  switch (state) {
    case "open":
      return (
        <Chip tone="info" icon={<UploadIcon />} title="Parts are missing">
          under way
        </Chip>
      );
    case "complete":
      return (
        <Chip tone="good" icon={<DoneIcon />} title="All of it is here, and its digest is right">
          complete
        </Chip>
      );
  }
}

function Arrived({ filename, bytes: all, bytes_received: here, state }: UploadSummary) {
  if (state === "complete") return bytes(all);
  const share = all === 0 ? 0 : here / all;
  return (
    <span className={styles.arrived}>
      <ProgressBar fraction={share} label={`Arrived of ${filename}`} />
      <span>
        {bytes(here)} of {bytes(all)} ({percent(share, 0)})
      </span>
    </span>
  );
}
