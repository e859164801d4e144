/** Where two specifications differ: every place with what stands there in each. */
import { isRecord } from "@/api/loose";

export interface Place {
  /** As in a pointer, with dots: recipe.epochs. */
  path: string;
  kind: "changed" | "added" | "removed";
  before: unknown;
  now: unknown;
}

export function differencesOf(before: unknown, now: unknown): Place[] {
  const ours = leavesOf(now);
  const theirs = leavesOf(before);
  const paths = [...new Set([...theirs.keys(), ...ours.keys()])];
  return paths.flatMap((path): Place[] => {
    const [was, is] = [theirs.get(path), ours.get(path)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const kind = !theirs.has(path) ? "added" : !ours.has(path) ? "removed" : "changed";
    return [{ path, kind, before: was, now: is }];
  });
}

/** Lists of plain values are one value: nobody reads seeds one by one. */
function leavesOf(value: unknown, path = ""): Map<string, unknown> {
  const inner = insideOf(value);
  if (inner === null) return new Map([[path, value]]);
  return new Map(
    inner.flatMap(([name, one]) => [...leavesOf(one, path === "" ? name : `${path}.${name}`)]),
  );
}

function insideOf(value: unknown): [string, unknown][] | null {
  if (isRecord(value) && Object.keys(value).length > 0) return Object.entries(value);
  if (Array.isArray(value) && value.some((one) => isRecord(one) || Array.isArray(one))) {
    return value.map((one, place): [string, unknown] => [String(place), one]);
  }
  return null;
}
