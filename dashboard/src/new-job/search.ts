import { word } from "@/app/search";

export interface NewJobSearch {
  /** The job whose specification the form begins with. */
  from?: string;
}

export function newJobSearch(found: Record<string, unknown>): NewJobSearch {
  const from = word(found.from);
  return from === undefined ? {} : { from };
}
