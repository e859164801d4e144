/** Which tab of the service is open, as it stands in the address. */
import { word } from "@/app/search";

export const TABS = ["workers", "queue", "storage", "keys"] as const;
export type SystemTab = (typeof TABS)[number];

export interface SystemSearch {
  tab?: SystemTab;
}

export function systemSearch(found: Record<string, unknown>): SystemSearch {
  const tab = TABS.find((known) => known === word(found.tab));
  return tab === undefined || tab === "workers" ? {} : { tab };
}
