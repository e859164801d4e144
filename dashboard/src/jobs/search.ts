/** The filters of the list, as they stand in the address. */

import type { State } from "@/api/schema";
import { word, words } from "@/app/search";

export const STATES: readonly State[] = [
  "queued",
  "starting",
  "running",
  "pausing",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
];

export const SORTS = [
  "-created_at",
  "created_at",
  "name",
  "-name",
  "-priority",
  "priority",
] as const;
export type Sort = (typeof SORTS)[number];

export interface JobsSearch {
  state?: readonly State[];
  label?: readonly string[];
  name?: string;
  project?: string;
  sort?: Sort;
  /** Those that were deleted, in place of all others. */
  trash?: true;
}

/** Whatever an address says that the list does not know is left out, so that an old link opens. */
export function jobsSearch(found: Record<string, unknown>): JobsSearch {
  const state = STATES.filter((known) => words(found.state).includes(known));
  const label = words(found.label);
  const name = word(found.name);
  const project = word(found.project);
  const sort = SORTS.find((known) => known === word(found.sort));
  return {
    ...(state.length > 0 && { state }),
    ...(label.length > 0 && { label }),
    ...(name !== undefined && { name }),
    ...(project !== undefined && { project }),
    ...(sort !== undefined && { sort }),
    ...((found.trash === true || word(found.trash) === "true") && { trash: true }),
  };
}

export interface Group {
  title: string;
  states: readonly State[];
}

/** States as people look for them. */
export const GROUPS: readonly Group[] = [
  { title: "Waiting", states: ["queued", "paused"] },
  { title: "Running", states: ["starting", "running", "pausing", "cancelling"] },
  { title: "Succeeded", states: ["succeeded"] },
  { title: "Failed", states: ["failed"] },
  { title: "Cancelled", states: ["cancelled", "expired"] },
];

export const SORT_TITLES: Record<Sort, string> = {
  "-created_at": "Newest first",
  created_at: "Oldest first",
  name: "By name",
  "-name": "By name, from Z",
  "-priority": "Most urgent first",
  priority: "Least urgent first",
};

export function toggledStates(
  chosen: readonly State[] | undefined,
  { states }: Group,
): readonly State[] | undefined {
  const before = new Set(chosen);
  const isOn = states.every((state) => before.has(state));
  const after = STATES.filter((state) => (states.includes(state) ? !isOn : before.has(state)));
  return after.length > 0 ? after : undefined;
}

/** By this column; by the same one once more: the other way round. */
export function sortedBy(column: string, now: Sort | undefined): Sort | undefined {
  const current = now ?? "-created_at";
  // The newest come first, names from A: what one wants of each at the first click.
  const first = column === "created_at" ? `-${column}` : column;
  const second = column === "created_at" ? column : `-${column}`;
  return SORTS.find((sort) => sort === (current === first ? second : first));
}
