import { asJson, isJsonObject, isList, type Json } from "./json";
import { type Range, resolved, type SchemaNode, shapeOf } from "./shape";

/** The default of a place. OpenAPI documents hide one as `x-default` where its presence would
 * make generated clients send it. */
export function defaultOf(node: SchemaNode): Json | undefined {
  const { schema } = resolved(node);
  for (const word of ["default", "x-default"]) {
    if (Object.hasOwn(schema, word)) return asJson(schema[word]);
  }
  return undefined;
}

export function descriptionOf(node: SchemaNode): string {
  const own = resolved(node).schema.description;
  if (typeof own === "string") return own;
  const shape = shapeOf(node);
  return shape.type === "nullable" ? descriptionOf(shape.inner) : "";
}

export function exampleOf(node: SchemaNode): Json | undefined {
  const { examples } = resolved(node).schema;
  return isList(examples) && examples.length > 0 ? asJson(examples[0]) : undefined;
}

/** A title that somebody wrote, or the name in words. Symbols such as lr or w0 stay as they are. */
export function labelOf(name: string, node: SchemaNode): string {
  // Only the title of this place: behind a reference stands that of a class.
  const { title } = node.schema;
  const words = name.replaceAll("_", " ");
  if (typeof title === "string" && !isMadeOf(title, name)) return title;
  return words.length <= 3 ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Pydantic makes a title of each name. */
function isMadeOf(title: string, name: string): boolean {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return letters(title) === letters(name);
}

/** What one of several variants is about: its own words, or those at its tag. */
export function variantWords(node: SchemaNode, tag: string): string {
  const own = descriptionOf(node);
  const shape = shapeOf(node);
  if (own !== "" || shape.type !== "section") return own;
  const member = shape.members.find(({ name }) => name === tag);
  return member === undefined ? "" : descriptionOf(member.node);
}

/** "0.01 to 1000", "more than 0, at most 1", "at least 2"; empty where everything is allowed. */
export function rangeWords(range: Range, unit = ""): string {
  const { least, most, above, under } = range;
  const of = unit === "" ? "" : ` ${unit}`;
  if (least !== null && most !== null && above === null && under === null) {
    return least === most ? `${short(least)}${of}` : `${short(least)} to ${short(most)}${of}`;
  }
  const low =
    above !== null ? `more than ${short(above)}` : least !== null ? `at least ${short(least)}` : "";
  const high =
    under !== null ? `less than ${short(under)}` : most !== null ? `at most ${short(most)}` : "";
  const both = [low, high].filter((word) => word !== "").join(", ");
  return both === "" ? "" : `${both}${of}`;
}

/** Large powers read better as such; 9.2e18 is not a limit that anybody counts. */
export function short(value: number): string {
  if (Math.abs(value) >= 1e9) return value.toExponential(1).replace(".0e+", "e").replace("e+", "e");
  return String(value);
}

/** A value as one line: what a placeholder shows. */
export function inWords(value: Json | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" || typeof value === "number") return String(value);
  return JSON.stringify(value);
}

/** What applies to a member that is not written: what its section inherits, or its own default. */
export function inheritedMember(
  inherited: Json | undefined,
  name: string,
  node: SchemaNode,
): Json | undefined {
  return isJsonObject(inherited) && Object.hasOwn(inherited, name)
    ? inherited[name]
    : defaultOf(node);
}
