import type { JobSpec } from "@/api/schema";
import { asObject, type Json, type JsonObject, withMember } from "@/schema-form/json";
import { type SchemaNode, shapeOf } from "@/schema-form/shape";

type Value = Json | undefined;

/** A value, or what makes it of the one that is there when it is written. */
export type Written = Value | ((before: Value) => Value);

export function writtenIn(spec: JsonObject, key: string, value: Written): JsonObject {
  return withMember(spec, key, typeof value === "function" ? value(spec[key]) : value);
}

/** What every section of the form is given: the schema of a job, and the job as it is written. */
export interface DraftProps {
  node: SchemaNode;
  spec: JsonObject;
  write: (key: string, value: Written) => void;
}

/** The form may hold what is no specification yet; to say what is wrong with it is the service's. */
export function asSpec(draft: JsonObject): JobSpec {
  return draft as unknown as JobSpec;
}

/** Sets one member of a top-level section, and leaves no empty section behind. */
export function inSection(
  section: Json | undefined,
  member: string,
  value: Json | undefined,
): JsonObject | undefined {
  const next = withMember(asObject(section), member, value);
  return Object.keys(next).length === 0 ? undefined : next;
}

export function textIn(section: Json | undefined, member: string): string {
  const found = asObject(section)[member];
  return typeof found === "string" ? found : "";
}

/** The keys in the order of their schema, whichever was written first: for whoever reads it. */
export function inOrder(spec: JsonObject, node: SchemaNode): JsonObject {
  const shape = shapeOf(node);
  const names = shape.type === "section" ? shape.members.map(({ name }) => name) : [];
  const place = (key: string) => (names.includes(key) ? names.indexOf(key) : names.length);
  const keys = Object.keys(spec).toSorted((one, other) => place(one) - place(other));
  return Object.fromEntries(
    keys.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]])),
  );
}
