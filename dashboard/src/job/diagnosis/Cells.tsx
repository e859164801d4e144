import type { Cell } from "@/job/report";
import { count } from "@/look/format";
import { type Column, Table } from "@/look/Table";
import styles from "./DiagnosisTab.module.css";

interface CellsProps {
  title: string;
  cells: readonly Cell[];
  reference: string | null;
}

/** Single cells of a confusion matrix that is too large to be drawn. */
export function Cells({ title, cells, reference }: CellsProps) {
  const isAgainst = cells.some((cell) => cell.reference != null);
  const columns: Column<Cell>[] = [
    {
      id: "pair",
      title: "True → answered",
      cell: (cell) => {
        const pair = `${cell.true} → ${cell.answered === cell.true ? "right" : cell.answered}`;
        return <span title={pair}>{pair}</span>;
      },
    },
    { id: "count", title: "Times", align: "end", width: "80px", cell: (cell) => count(cell.count) },
  ];
  if (isAgainst) {
    columns.push({
      id: "reference",
      title: reference ?? "",
      align: "end",
      width: "90px",
      cell: (cell) => count(cell.reference),
    });
  }
  return (
    <div className={styles.listed}>
      <h3 className={styles.title}>{title}</h3>
      <Table
        label={title}
        rows={cells}
        columns={columns}
        keyOf={(cell) => `${cell.true}\n${cell.answered}`}
        empty={<p className={styles.nothing}>None.</p>}
      />
    </div>
  );
}
