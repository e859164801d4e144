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
  };
}
