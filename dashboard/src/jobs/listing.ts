/**
 * The rows that were loaded of a list, page after page, and how they are kept fresh.
 *
 * A page begins at a cursor, which stays where it is when jobs arrive before it. So each of them can be
 * asked for again on its own: one request refreshes one page, however many rows there are.
 */
import type { Job, JobPage } from "@/api/schema";
import { tagOf } from "@/api/tags";
import { isActive, newer } from "@/jobs/job";

export interface Page {
  /** Where it begins; null for the first one. */
  cursor: string | null;
  rows: readonly Job[];
  /** Where the page after it begins; null on the last one. */
  next: string | null;
  tag: string | null;
}

export interface Listing {
  pages: readonly Page[];
}

export const PAGE_ROWS = 50;
const ROWS_AT_MOST = 200;

export function pageOf(cursor: string | null, answer: JobPage): Page {
  return { cursor, rows: answer.data, next: answer.next_cursor, tag: tagOf(answer) };
}

export function rowsOf(listing: Listing): readonly Job[] {
  const seen = new Set<string>();
  const rows: Job[] = [];
  for (const row of listing.pages.flatMap((page) => page.rows)) {
    // A job that moves up by a new name is on two pages until both were asked for.
    if (!seen.has(row.id)) rows.push(row);
    seen.add(row.id);
  }
  return rows;
}

export function nextCursor(listing: Listing): string | null {
  return listing.pages.at(-1)?.next ?? null;
}

/** Those worth asking for again: the first, where jobs arrive, and all with a job on its way. */
export function livePages(listing: Listing): readonly Page[] {
  return listing.pages.filter((page, n) => n === 0 || page.rows.some(isActive));
}

/** How many rows to ask for, so that those which others pushed down are among them. */
export function limitOf(page: Page | undefined): number {
  return Math.min(Math.max(PAGE_ROWS, page?.rows.length ?? 0), ROWS_AT_MOST);
}

/** With the page after the last one; unless that one has changed meanwhile, and another follows. */
export function appended(listing: Listing, page: Page): Listing {
  return nextCursor(listing) === page.cursor ? { pages: [...listing.pages, page] } : listing;
}

/** With this page in place of the one that began there. */
export function refreshed(listing: Listing, page: Page): Listing {
  const at = listing.pages.findIndex(({ cursor }) => cursor === page.cursor);
  const before = listing.pages[at];
  if (before === undefined) return listing;
  const now = { ...page, rows: keptFrom(before.rows, page.rows) };
  const down = pushedDown(before, page);
  // So many are new that the page after this one is not the next any more: it is loaded anew.
  if (now.rows.length + down.length > ROWS_AT_MOST) {
    return { pages: [...listing.pages.slice(0, at), now] };
  }
  return { pages: listing.pages.with(at, { ...now, rows: [...now.rows, ...down] }) };
}

/** Rows that have not changed stay the same objects, and are not drawn again. */
function keptFrom(before: readonly Job[], now: readonly Job[]): Job[] {
  const known = new Map(before.map((row) => [row.id, row]));
  return now.map((row) => {
    const old = known.get(row.id);
    return old?.version === row.version ? old : newer(old, row);
  });
}

/** What stood here, and lies now between the end of this page and the one after. */
function pushedDown(before: Page, now: Page): readonly Job[] {
  if (now.next === null) return [];
  const there = new Set(now.rows.map((row) => row.id));
  const last = before.rows.findLastIndex((row) => there.has(row.id));
  return before.rows.slice(last + 1);
}

/** With this job in place of what was known of it, where it is in the list at all. */
export function withJob(listing: Listing, job: Job): Listing {
  return changed(listing, (row) => (row.id === job.id ? newer(row, job) : row));
}

export function withoutJob(listing: Listing, id: string): Listing {
  return changed(listing, (row) => (row.id === id ? null : row));
}

function changed(listing: Listing, change: (row: Job) => Job | null): Listing {
  return {
    pages: listing.pages.map((page) => {
      const rows = page.rows.map(change).filter((row) => row !== null);
      const isSame =
        rows.length === page.rows.length && rows.every((row, n) => row === page.rows[n]);
      return isSame ? page : { ...page, rows };
    }),
  };
}
