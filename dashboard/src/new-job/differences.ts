import { below, isJsonObject, type Json, type JsonObject, same } from "@/schema-form/json";

export interface Difference {
  readonly pointer: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** What stands otherwise in the second document, member by member; a list counts as one value. */
export function differences(before: JsonObject, after: JsonObject, pointer = ""): Difference[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (same(was, is)) return [];
    if (isJsonObject(was) && isJsonObject(is)) return differences(was, is, below(pointer, key));
    return [{ pointer: below(pointer, key), before: was, after: is }];
  });
}

/** RFC 7396: what makes the second document of the first. Null where a patch cannot say it, since
 * a null in a patch takes a key away. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject | null {
  const patch: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]];
    if (same(was, is)) continue;
    const part = is === undefined ? null : partOf(was, is);
    if (part === undefined) return null;
    patch[key] = part;
  }
  return patch;
}

function partOf(was: Json | undefined, is: Json): Json | undefined {
  if (is === null) return undefined;
  if (!isJsonObject(is)) return is;
  return mergePatch(isJsonObject(was) ? was : {}, is) ?? undefined;
}
