import { type SchemaNode, shapeOf } from "@/schema-form/shape";

/** The node of a top-level key of a job, or of a key below it. */
export function memberNode(node: SchemaNode, ...names: readonly string[]): SchemaNode | null {
  let found = node;
  for (const name of names) {
    const shape = shapeOf(found);
    const section = shape.type === "nullable" ? shapeOf(shape.inner) : shape;
    if (section.type !== "section") return null;
    const member = section.members.find((each) => each.name === name);
    if (member === undefined) return null;
    found = member.node;
  }
  return found;
}

/** The section behind a place that may be null. */
export function solid(node: SchemaNode): SchemaNode {
  const shape = shapeOf(node);
  return shape.type === "nullable" ? shape.inner : node;
}
