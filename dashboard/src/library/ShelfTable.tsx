import { asProblem } from "@/api/problem";
import type { ShelfQuery } from "@/library/queries";
import { Button } from "@/look/Button";
import { Notice } from "@/look/Notice";
import { type Column, Table } from "@/look/Table";

interface ShelfTableProps<T> {
  label: string;
  shelf: ShelfQuery<T>;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  onOpen?: (row: T) => void;
  empty: React.ReactNode;
}

/** The rows of a shelf; when they cannot be asked for, why. */
export function ShelfTable<T>({ shelf, ...table }: ShelfTableProps<T>) {
  if (shelf.data === undefined && shelf.isError) {
    const problem = asProblem(shelf.error);
    return (
      <Notice
        tone="bad"
        title={problem.title}
        hint={problem.hint}
        action={<Button onClick={() => void shelf.refetch()}>Try again</Button>}
      >
        {problem.detail}
      </Notice>
    );
  }
  return (
    <Table
      {...table}
      rows={shelf.data?.rows ?? []}
      loading={shelf.data === undefined || shelf.isPlaceholderData}
      onEnd={shelf.loadMore}
    />
  );
}
