import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Table, type TableProps } from "./Table";

afterEach(cleanup);

interface Row {
  id: string;
  size: number;
}

function rows(howMany: number): Row[] {
  return Array.from({ length: howMany }, (_, place) => ({ id: `job_${place}`, size: place }));
}

function show(props: Partial<TableProps<Row>> = {}) {
  render(
    <Table
      label="Jobs"
      rows={rows(3)}
      columns={[
        { id: "name", title: "Name", sortable: true, cell: (row) => row.id },
        { id: "size", title: "Size", align: "end", cell: (row) => row.size },
      ]}
      keyOf={(row) => row.id}
      empty={<p>No jobs yet.</p>}
      {...props}
    />,
  );
}

test("ten thousand rows are counted, and few of them are drawn", () => {
  show({ rows: rows(10_000) });

  const table = screen.getByRole("table");

  expect(table.getAttribute("aria-rowcount")).toBe("10001");
  expect(within(table).getAllByRole("row").length).toBeLessThan(100);
});

test("a hundred rows are all there for the search of the browser", () => {
  show({ rows: rows(100) });

  expect(screen.getByText("job_99")).toBeTruthy();
});

test("a column that sorts says how, and asks for it", () => {
  const onSort = vi.fn();
  show({ onSort, sort: { by: "name", descending: true } });

  fireEvent.click(screen.getByRole("button", { name: "Name" }));

  expect(onSort).toHaveBeenCalledWith("name");
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe(
    "descending",
  );
});

test("a click anywhere on a row opens it, and so does its first cell", () => {
  const onOpen = vi.fn();
  show({ onOpen });

  fireEvent.click(screen.getByRole("cell", { name: "1" }));
  fireEvent.click(screen.getByRole("button", { name: "job_2" }));

  expect(onOpen.mock.calls.map(([row]) => row.id)).toEqual(["job_1", "job_2"]);
});

test("a row that leads somewhere is a link", () => {
  show({ hrefOf: (row) => `/jobs/${row.id}` });

  const link = screen.getByRole("link", { name: "job_1" });

  expect(link.getAttribute("href")).toBe("/jobs/job_1");
});

test("arrow keys go from row to row", () => {
  show({ onOpen: () => {} });
  const first = screen.getByRole("button", { name: "job_0" });

  first.focus();
  fireEvent.keyDown(first, { key: "ArrowDown" });

  expect(document.activeElement?.textContent).toBe("job_1");
});

test("rows are selected one by one, or all, without being opened", () => {
  const onSelect = vi.fn();
  const onOpen = vi.fn();
  show({ selected: new Set(["job_1"]), onSelect, onOpen });
  const boxes = screen.getAllByRole("checkbox", { name: "Select this row" });

  for (const box of boxes) fireEvent.click(box);
  fireEvent.click(screen.getByRole("checkbox", { name: "Select every row" }));

  const asked = onSelect.mock.calls.map(([keys]) => [...keys].sort());
  expect(asked).toEqual([["job_0", "job_1"], [], ["job_1", "job_2"], ["job_0", "job_1", "job_2"]]);
  expect(onOpen).not.toHaveBeenCalled();
});

test("without rows it says why", () => {
  show({ rows: [] });

  expect(screen.getByText("No jobs yet.")).toBeTruthy();
  expect(screen.queryByRole("table")).toBeNull();
});

test("while it is fetched, rows of the same height hold the place", () => {
  show({ rows: [], loading: true });

  expect(screen.getByRole("table").getAttribute("aria-busy")).toBe("true");
  expect(screen.queryByText("No jobs yet.")).toBeNull();
});

test("more rows are asked for once for each length", () => {
  const onEnd = vi.fn();
  show({ onEnd });

  fireEvent.scroll(screen.getByRole("region", { name: "Jobs" }));

  expect(onEnd).toHaveBeenCalledOnce();
});
