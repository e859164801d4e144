import { isJsonList, isJsonObject, type Json, type JsonObject } from "./json";
import { type Range, type SchemaNode, shapeOf, type Variant } from "./shape";

/** Whether a value may stand at a place, as far as a schema can tell: the service decides. */
export function fits(node: SchemaNode, value: Json): boolean {
  const shape = shapeOf(node);
  switch (shape.type) {
    case "constant":
      return value === shape.value;
    case "choice":
      return shape.options.includes(value);
    case "flag":
      return typeof value === "boolean";
    case "number":
      return (
        typeof value === "number" &&
        (!shape.integer || Number.isInteger(value)) &&
        within(shape.range, value)
      );
    case "text":
      return (
        typeof value === "string" &&
        within(shape.lengths, value.length) &&
        matches(shape.pattern, value)
      );
    case "section":
      return (
        isJsonObject(value) &&
        shape.members.every(({ name, node: member, required }) => {
          const found = value[name];
          return found === undefined ? !required : fits(member, found);
        }) &&
        Object.keys(value).every((key) => shape.members.some(({ name }) => name === key))
      );
    case "list":
      return (
        isJsonList(value) &&
        within(shape.lengths, value.length) &&
        value.every((item, index) => fits(shape.places?.[index] ?? shape.items, item))
      );
    case "map":
      return (
        isJsonObject(value) &&
        Object.entries(value).every(
          ([key, item]) => matches(shape.keyPattern, key) && fits(shape.values, item),
        )
      );
    case "nullable":
      return value === null || fits(shape.inner, value);
    case "tagged":
    case "either":
      return shape.variants.some((variant) => fits(variant.node, value));
    case "anything":
      return true;
  }
}

/** What stands in a place that was just opened: what must be there and can only be one thing. */
export function blank(node: SchemaNode): Json | undefined {
  const shape = shapeOf(node);
  switch (shape.type) {
    case "constant":
      return shape.value;
    case "section":
      return blankSection(node);
    case "tagged": {
      const [first] = shape.variants;
      return first === undefined ? {} : blank(first.node);
    }
    case "list":
      return shape.places === null ? blankItems(shape.items, shape.lengths.least ?? 0) : [];
    case "map":
      return {};
    case "nullable":
      return blank(shape.inner);
    default:
      return undefined;
  }
}

function blankSection(node: SchemaNode): JsonObject {
  const shape = shapeOf(node);
  if (shape.type !== "section") return {};
  const found: Record<string, Json> = {};
  for (const { name, node: member, required } of shape.members) {
    const value = required && shapeOf(member).type === "constant" ? blank(member) : undefined;
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function blankItems(items: SchemaNode, least: number): Json[] {
  return Array.from({ length: Math.min(least, 16) }, () => blank(items) ?? "");
}

/** The members of a section that the variant has too, and would take as they are. */
export function kept(variant: SchemaNode, value: JsonObject): JsonObject {
  const shape = shapeOf(variant);
  if (shape.type !== "section") return {};
  const found: Record<string, Json> = {};
  for (const { name, node } of shape.members) {
    const member = value[name];
    if (member !== undefined && fits(node, member)) found[name] = member;
  }
  return { ...found, ...blankSection(variant) };
}

/** The variant that a value is of; where none takes it, the first that is of its type. */
export function variantOf(variants: readonly Variant[], value: Json): Variant | undefined {
  return (
    variants.find((variant) => fits(variant.node, value)) ??
    variants.find((variant) => isOfType(variant.node, value))
  );
}

function isOfType(node: SchemaNode, value: Json): boolean {
  const { type } = shapeOf(node);
  if (value === null) return false;
  if (isJsonList(value)) return type === "list";
  if (isJsonObject(value)) return type === "section" || type === "map" || type === "tagged";
  if (typeof value === "boolean") return type === "flag";
  // A text where a number belongs is a number that is still being written.
  if (typeof value === "string") return type === "text" || type === "number";
  return type === "number";
}

function within({ least, most, above, under }: Range, value: number): boolean {
  return (
    (least === null || value >= least) &&
    (most === null || value <= most) &&
    (above === null || value > above) &&
    (under === null || value < under)
  );
}

function matches(pattern: string | null, value: string): boolean {
  if (pattern === null) return true;
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true; // Python's dialect has more than ours
  }
}
