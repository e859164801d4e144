import { word } from "@/app/search";
import type { JsonObject } from "@/schema-form/json";

export interface NewJobSearch {
  /** The job whose specification the form begins with. */
  from?: string;
  /** A model that the form begins with as the teacher. */
  teacher?: string;
  /** A version of a data set that the form begins with. */
  data?: string;
}

export function newJobSearch(found: Record<string, unknown>): NewJobSearch {
  const from = word(found.from);
  const teacher = word(found.teacher);
  const data = word(found.data);
  return {
    ...(from !== undefined && { from }),
    ...(teacher !== undefined && { teacher }),
    ...(data !== undefined && { data }),
  };
}

/** The specification that has what the address brings, and no more. */
export function begunWith({ teacher, data }: NewJobSearch): JsonObject {
  return {
    ...(teacher !== undefined && { teacher: { checkpoint: teacher } }),
    ...(data !== undefined && { data: { dataset: data } }),
  };
}
