/** Which tab of a job is open, as it stands in the address. */
import { word } from "@/app/search";

export const TABS = ["overview", "curves", "diagnosis", "events", "artifacts", "spec"] as const;
export type JobTab = (typeof TABS)[number];

export interface JobSearch {
  tab?: JobTab;
}

export function jobSearch(found: Record<string, unknown>): JobSearch {
  const tab = TABS.find((known) => known === word(found.tab));
  return tab === undefined || tab === "overview" ? {} : { tab };
}
