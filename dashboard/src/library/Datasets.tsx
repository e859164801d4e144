import type { Dataset, DatasetVersion } from "@/api/schema";
import { CheckChip } from "@/library/CheckChip";
import { DatasetDetails } from "@/library/DatasetDetails";
import { dataFacts } from "@/library/facts";
import { useDatasetShelf } from "@/library/queries";
import { ShelfTable } from "@/library/ShelfTable";
import type { ShelfProps } from "@/library/shelf";
import { Copyable } from "@/look/Copyable";
import { Empty } from "@/look/Empty";
import { bytes, count, MISSING } from "@/look/format";
import { Relative } from "@/look/Relative";
import type { Column } from "@/look/Table";

const COLUMNS: readonly Column<Dataset>[] = [
  { id: "name", title: "Name", cell: ({ name }) => <span title={name}>{name}</span> },
  {
    id: "state",
    title: "Newest",
    width: "116px",
    cell: ofNewest(({ state }) => <CheckChip state={state} />),
  },
  {
    id: "versions",
    title: "Versions",
    width: "90px",
    align: "end",
    hideBelow: "phone",
    cell: ({ versions }) => count(versions.length),
  },
  {
    id: "samples",
    title: "Samples",
    width: "110px",
    align: "end",
    hideBelow: "phone",
    cell: ofNewest((version) => count(dataFacts(version).samples)),
  },
  {
    id: "classes",
    title: "Classes",
    width: "110px",
    align: "end",
    hideBelow: "tablet",
    cell: ofNewest((version) => classesOf(version)),
  },
  {
    id: "size",
    title: "Size",
    width: "96px",
    align: "end",
    hideBelow: "tablet",
    cell: ofNewest((version) => bytes(version.bytes)),
  },
  {
    id: "age",
    title: "Added",
    width: "110px",
    align: "end",
    hideBelow: "tablet",
    cell: ofNewest(({ created_at }) => <Relative at={created_at} />),
  },
  {
    id: "ref",
    title: "Named in a job as",
    width: "230px",
    hideBelow: "tablet",
    cell: ofNewest(({ ref }) => <Copyable text={ref} label="name of the version" />),
  },
];

function ofNewest(cell: (version: DatasetVersion) => React.ReactNode) {
  return ({ versions }: Dataset) => (versions[0] === undefined ? MISSING : cell(versions[0]));
}

function classesOf(version: DatasetVersion): string {
  const { classes, labelled } = dataFacts(version);
  return labelled === false ? "no labels" : count(classes);
}

/** The images that were uploaded, each set with its versions. */
export function Datasets({ open, onOpen, add, onRemove }: ShelfProps) {
  const shelf = useDatasetShelf();
  const shown = shelf.data?.rows.find(({ id }) => id === open) ?? null;
  return (
    <>
      <ShelfTable
        label="Data sets"
        shelf={shelf}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        empty={
          <Empty
            title="No data sets yet"
            action={add}
            command={{ label: "From a terminal", code: "still data add shelf/" }}
          >
            A folder of images, an archive, a table or arrays. The set <code>digits</code> is built
            in.
          </Empty>
        }
      />
      <DatasetDetails dataset={shown} onClose={() => onOpen(null)} onRemove={onRemove} />
    </>
  );
}
