/** Which jobs are held against each other, as the address says it: `?jobs=job_a,job_b`. */
import { word, words } from "@/app/search";

export const JOBS_AT_MOST = 8;

export interface CompareSearch {
  jobs?: string;
  /** What models cost in the plot; without it, their size. */
  cost?: "ms";
}

export function compareSearch(found: Record<string, unknown>): CompareSearch {
  const jobs = withIds(words(found.jobs).flatMap((text) => text.split(",")));
  return { ...jobs, ...(word(found.cost) === "ms" && { cost: "ms" }) };
}

export function idsOf(jobs: string | undefined): readonly string[] {
  return jobs === undefined ? [] : jobs.split(",");
}

/** Each once, and not more than can be told apart. */
export function withIds(ids: readonly string[]): Pick<CompareSearch, "jobs"> {
  const known = [...new Set(ids.map((id) => id.trim()).filter((id) => id !== ""))];
  return known.length === 0 ? {} : { jobs: known.slice(0, JOBS_AT_MOST).join(",") };
}
