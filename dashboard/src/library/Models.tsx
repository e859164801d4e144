import type { Model } from "@/api/schema";
import { CheckChip } from "@/library/CheckChip";
import { modelFacts } from "@/library/facts";
import { ModelDetails } from "@/library/ModelDetails";
import { useModelShelf } from "@/library/queries";
import { ShelfTable } from "@/library/ShelfTable";
import type { ShelfProps } from "@/library/shelf";
import { Copyable } from "@/look/Copyable";
import { Empty } from "@/look/Empty";
import { bytes, count } from "@/look/format";
import { Relative } from "@/look/Relative";
import type { Column } from "@/look/Table";

const COLUMNS: readonly Column<Model>[] = [
  { id: "name", title: "Name", cell: ({ name }) => <span title={name}>{name}</span> },
  { id: "state", title: "State", width: "116px", cell: ({ state }) => <CheckChip state={state} /> },
  {
    id: "architecture",
    title: "Architecture",
    width: "180px",
    hideBelow: "phone",
    cell: ({ architecture }) => architecture ?? "ONNX graph",
  },
  {
    id: "parameters",
    title: "Parameters",
    width: "120px",
    align: "end",
    hideBelow: "tablet",
    cell: (model) => count(modelFacts(model).parameters),
  },
  {
    id: "classes",
    title: "Classes",
    width: "90px",
    align: "end",
    hideBelow: "tablet",
    cell: (model) => count(modelFacts(model).classes),
  },
  {
    id: "size",
    title: "Size",
    width: "96px",
    align: "end",
    hideBelow: "phone",
    cell: (model) => bytes(model.bytes),
  },
  {
    id: "age",
    title: "Added",
    width: "110px",
    align: "end",
    hideBelow: "tablet",
    cell: ({ created_at }) => <Relative at={created_at} />,
  },
  {
    id: "id",
    title: "Id",
    width: "220px",
    hideBelow: "tablet",
    cell: ({ id }) => <Copyable text={id} label="id" />,
  },
];

/** The networks that were uploaded. */
export function Models({ open, onOpen, add, onRemove }: ShelfProps) {
  const shelf = useModelShelf();
  const shown = shelf.data?.rows.find(({ id }) => id === open) ?? null;
  return (
    <>
      <ShelfTable
        label="Models"
        shelf={shelf}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        empty={
          <Empty
            title="No models yet"
            action={add}
            command={{
              label: "From a terminal",
              code: "still models add teacher.safetensors --architecture resnet18",
            }}
          >
            A checkpoint or an ONNX graph that is uploaded here can teach in any job.
          </Empty>
        }
      />
      <ModelDetails model={shown} onClose={() => onOpen(null)} onRemove={onRemove} />
    </>
  );
}
