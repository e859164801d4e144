/** What the specifications of several jobs say differently, by path. */
import { isRecord } from "@/api/loose";

export interface Difference {
  /** `recipe.optimizer.lr`, `loss.kd.temperature`. */
  path: string;
  /** In the order of the specifications; undefined where one does not have the path. */
  values: readonly unknown[];
}

// They tell jobs apart for people; what a job does not follow from them.
const NOT_COMPARED = new Set(["name", "if_duplicate"]);
// What the members of a list are called by: terms of a loss, exports, gates.
const CALLED_BY = ["kind", "format", "metric"];

export function differencesOf(specs: readonly Record<string, unknown>[]): Difference[] {
  const tables = specs.map(leavesOf);
  const paths = new Set(tables.flatMap((table) => [...table.keys()]));
  const rows: Difference[] = [];
  for (const path of paths) {
    const values = tables.map((table) => table.get(path));
    const first = textOf(values[0]);
    if (values.some((value) => textOf(value) !== first)) rows.push({ path, values });
  }
  return rows.toSorted((a, b) => a.path.localeCompare(b.path, "en"));
}

export function leavesOf(spec: Record<string, unknown>): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [key, value] of Object.entries(spec)) {
    if (!NOT_COMPARED.has(key)) collect(key, value, leaves);
  }
  return leaves;
}

function collect(path: string, value: unknown, leaves: Map<string, unknown>): void {
  if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) collect(`${path}.${key}`, inner, leaves);
  } else if (Array.isArray(value) && value.length > 0 && value.every(isRecord)) {
    namesOf(value).forEach((name, place) => {
      collect(`${path}.${name}`, value[place], leaves);
    });
  } else {
    leaves.set(path, value);
  }
}

/** By what they are, so that a term in front of the others does not move them all; else by place. */
function namesOf(members: readonly Record<string, unknown>[]): string[] {
  for (const key of CALLED_BY) {
    const names = members.map((member) => member[key]);
    if (names.every((name) => typeof name === "string") && new Set(names).size === names.length) {
      return names;
    }
  }
  return members.map((_member, place) => String(place));
}

/** Undefined for what is not there, which null is not. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && !value.some(isRecord)) return value.map(textOf).join(", ") || "[]";
  return JSON.stringify(value);
}
