import { expect, test } from "vitest";
import type { Job } from "@/api/schema";
import {
  appended,
  type Listing,
  limitOf,
  livePages,
  type Page,
  refreshed,
  rowsOf,
  withJob,
  withoutJob,
} from "@/jobs/listing";
import { jobOf } from "@/support/jobs";

function page(cursor: string | null, ids: readonly (string | Job)[], next: string | null): Page {
  const rows = ids.map((id) => (typeof id === "string" ? jobOf(id) : id));
  return { cursor, rows, next, tag: null };
}

const ids = (listing: Listing) => rowsOf(listing).map(({ id }) => id);
const two: Listing = { pages: [page(null, ["f", "e", "d"], "d"), page("d", ["c", "b"], null)] };

test("rows of all pages stand in order", () => {
  expect(ids(two)).toEqual(["f", "e", "d", "c", "b"]);
});

test("jobs that arrive push others down, and none is lost between two pages", () => {
  const now = refreshed(two, page(null, ["h", "g", "f"], "f"));

  expect(ids(now)).toEqual(["h", "g", "f", "e", "d", "c", "b"]);
});

test("what was pushed down is asked for with the page from then on", () => {
  const many = page(
    null,
    Array.from({ length: 130 }, (_, n) => `j${n}`),
    "x",
  );

  expect(limitOf(undefined)).toBe(50);
  expect(limitOf(many)).toBe(130);
});

test("a job that was deleted is gone, though the page reaches further now", () => {
  const now = refreshed(two, page(null, ["f", "d", "c"], "c"));

  expect(ids(now)).toEqual(["f", "d", "c", "b"]);
});

test("a last page that became shorter is shorter", () => {
  const now = refreshed(two, page("d", ["c"], null));

  expect(ids(now)).toEqual(["f", "e", "d", "c"]);
});

test("rows that have not changed stay the same objects", () => {
  const now = refreshed(two, page(null, ["g", "f", "e"], "e"));

  expect(rowsOf(now)[1]).toBe(rowsOf(two)[0]);
});

test("an answer that is older than what a verb has put there does not undo it", () => {
  const cancelling = jobOf("e", { version: 5, state: "cancelling" });
  const now = refreshed(
    withJob(two, cancelling),
    page(null, ["f", jobOf("e", { version: 4, state: "running" }), "d"], "d"),
  );

  expect(rowsOf(now)[1]?.state).toBe("cancelling");
});

test("a flood of new jobs begins the list anew", () => {
  const full: Listing = {
    pages: [
      page(
        null,
        Array.from({ length: 150 }, (_, n) => `old${n}`),
        "x",
      ),
      page("x", ["z"], null),
    ],
  };
  const flood = page(null, [...Array.from({ length: 149 }, (_, n) => `new${n}`), "old0"], "y");
  const now = refreshed(full, flood);

  expect(now.pages).toHaveLength(1);
  expect(ids(now)).toHaveLength(150);
});

test("the next page joins only where it belongs", () => {
  const one: Listing = { pages: [page(null, ["b"], "b")] };

  expect(ids(appended(one, page("b", ["a"], null)))).toEqual(["b", "a"]);
  expect(appended(one, page("other", ["a"], null))).toBe(one);
});

test("the first page is kept fresh, and every other one with a job on its way", () => {
  const list: Listing = {
    pages: [
      page(null, ["c"], "c"),
      page("c", ["b"], "b"),
      page("b", [jobOf("a", { state: "running" })], null),
    ],
  };

  expect(livePages(list).map(({ cursor }) => cursor)).toEqual([null, "b"]);
});

test("a change of one job leaves every other page as it is", () => {
  const now = withJob(two, jobOf("f", { version: 2 }));

  expect(now.pages[1]).toBe(two.pages[1]);
  expect(now.pages[0]).not.toBe(two.pages[0]);
  expect(ids(withoutJob(two, "c"))).toEqual(["f", "e", "d", "b"]);
});
