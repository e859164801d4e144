/** Reading what the service sends as it is: specifications, and what events tell. */
export type Dict = Readonly<Record<string, unknown>>;

export function isRecord(found: unknown): found is Dict {
  return typeof found === "object" && found !== null && !Array.isArray(found);
}

export function textOf(found: unknown): string | null {
  return typeof found === "string" && found !== "" ? found : null;
}

export function numberOf(found: unknown): number | null {
  return typeof found === "number" && Number.isFinite(found) ? found : null;
}
