/** Reading what the document describes as any object: `resolved`, `last`, the members of a problem. */
export type Loose = Record<string, unknown>;

export function isRecord(found: unknown): found is Loose {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}

/** What lies at this path; undefined where there is nothing. */
export function inside(found: unknown, ...path: readonly string[]): unknown {
  let here = found;
  for (const step of path) here = isRecord(here) ? here[step] : undefined;
  return here;
}

export function textIn(found: unknown, ...path: readonly string[]): string | null {
  const text = inside(found, ...path);
  return typeof text === "string" && text !== "" ? text : null;
}

export function numberIn(found: unknown, ...path: readonly string[]): number | null {
  const number = inside(found, ...path);
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

export function listIn(found: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = inside(found, ...path);
  return Array.isArray(list) ? list : [];
}
