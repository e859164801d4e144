import { asJson, isList, isObject, type Json } from "./json";

type Raw = Readonly<Record<string, unknown>>;

/** A schema, and the document that its references point into. */
export interface SchemaNode {
  readonly schema: Raw;
  readonly root: Raw;
}

export interface Range {
  readonly least: number | null;
  readonly most: number | null;
  readonly above: number | null;
  readonly under: number | null;
}

export interface Member {
  readonly name: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

export interface Variant {
  /** What the tag says, where there is one; else what it is called. */
  readonly name: string;
  readonly node: SchemaNode;
}

export type Shape =
  | { readonly type: "constant"; readonly value: Json }
  | { readonly type: "choice"; readonly options: readonly Json[] }
  | { readonly type: "flag" }
  | { readonly type: "number"; readonly integer: boolean; readonly range: Range }
  | { readonly type: "text"; readonly pattern: string | null; readonly lengths: Range }
  | { readonly type: "section"; readonly members: readonly Member[] }
  | {
      readonly type: "list";
      readonly items: SchemaNode;
      readonly places: readonly SchemaNode[] | null;
      readonly lengths: Range;
    }
  | {
      readonly type: "map";
      readonly values: SchemaNode;
      readonly keyPattern: string | null;
      readonly most: number | null;
    }
  | { readonly type: "nullable"; readonly inner: SchemaNode }
  | { readonly type: "tagged"; readonly tag: string; readonly variants: readonly Variant[] }
  | { readonly type: "either"; readonly variants: readonly Variant[] }
  | { readonly type: "anything" };

export function rootNode(schema: unknown): SchemaNode {
  const raw = isObject(schema) ? schema : {};
  return { schema: raw, root: raw };
}

/** References followed. What stands beside `$ref` wins: a description there is of this place. */
export function resolved(node: SchemaNode): SchemaNode {
  let schema = node.schema;
  for (let steps = 0; typeof schema.$ref === "string" && steps < 32; steps += 1) {
    const { $ref, ...beside } = schema;
    schema = { ...target(node.root, schema.$ref), ...beside };
  }
  const only = isList(schema.allOf) && schema.allOf.length === 1 ? schema.allOf[0] : null;
  if (!isObject(only)) return { schema, root: node.root };
  const { allOf: _one, ...beside } = schema;
  return resolved({ schema: { ...only, ...beside }, root: node.root });
}

function target(root: Raw, ref: string): Raw {
  let place: unknown = root;
  for (const word of ref.replace(/^#\/?/, "").split("/")) {
    const key = decodeURIComponent(word).replaceAll("~1", "/").replaceAll("~0", "~");
    if (key !== "") place = isObject(place) ? place[key] : undefined;
  }
  return isObject(place) ? place : {};
}

/** One level only: a schema may refer to itself. */
export function shapeOf(given: SchemaNode): Shape {
  const { schema, root } = resolved(given);
  if (Object.hasOwn(schema, "const")) return { type: "constant", value: asJson(schema.const) };
  if (isList(schema.enum)) return choiceOf(schema.enum.map(asJson), { schema, root });
  const options = isList(schema.oneOf) ? schema.oneOf : isList(schema.anyOf) ? schema.anyOf : null;
  if (options !== null) return unionOf(options.filter(isObject), { schema, root });
  if (isList(schema.type)) {
    return unionOf(
      schema.type.map((type) => ({ ...schema, type })),
      { schema, root },
    );
  }
  switch (schema.type) {
    case "boolean":
      return { type: "flag" };
    case "integer":
    case "number":
      return { type: "number", integer: schema.type === "integer", range: rangeOf(schema) };
    case "string":
      return {
        type: "text",
        pattern: textOf(schema.pattern),
        lengths: lengthsOf(schema, "Length"),
      };
    case "array":
      return listOf(schema, root);
    case "object":
      return objectOf(schema, root);
    default:
      return isObject(schema.properties) ? objectOf(schema, root) : { type: "anything" };
  }
}

function choiceOf(options: readonly Json[], { schema, root }: SchemaNode): Shape {
  if (!options.includes(null)) return { type: "choice", options };
  const inner = { ...schema, enum: options.filter((option) => option !== null) };
  return { type: "nullable", inner: { schema: inner, root } };
}

function unionOf(options: readonly Raw[], { schema, root }: SchemaNode): Shape {
  const solid = options.filter(
    (option) => resolved({ schema: option, root }).schema.type !== "null",
  );
  const [first, second] = solid;
  if (first === undefined) return { type: "constant", value: null };
  if (solid.length < options.length) {
    const { oneOf: _one, anyOf: _any, default: _default, type: _type, ...beside } = schema;
    const inner =
      second === undefined ? { ...first, ...about(beside) } : { ...beside, anyOf: solid };
    return { type: "nullable", inner: { schema: inner, root } };
  }
  if (second === undefined) return shapeOf({ schema: first, root });
  const nodes = solid.map((option) => ({ schema: option, root }));
  const tag = tagOf(schema, nodes);
  if (tag !== null) {
    const variants = nodes.flatMap((node) =>
      tagValues(node, tag).map((name) => ({ name, node: settled(node, tag, name) })),
    );
    return { type: "tagged", tag, variants };
  }
  return { type: "either", variants: nodes.map((node) => ({ name: nameOf(node), node })) };
}

/** What says something about a place, and nothing about its type. */
function about(schema: Raw): Raw {
  const words = ["title", "description", "examples", "discriminator"];
  return Object.fromEntries(
    words.flatMap((word) => (word in schema ? [[word, schema[word]]] : [])),
  );
}

/** The member that tells the variants apart: a discriminator, or one that is a constant in each. */
function tagOf(schema: Raw, nodes: readonly SchemaNode[]): string | null {
  const said = isObject(schema.discriminator) ? schema.discriminator.propertyName : null;
  if (typeof said === "string") return said;
  const [first] = nodes.map((node) => propertiesOf(resolved(node).schema));
  const shared = Object.keys(first ?? {}).find((name) => {
    const values = nodes.flatMap((node) => tagValues(node, name));
    return values.length === nodes.length && new Set(values).size === values.length;
  });
  return shared ?? null;
}

function tagValues(node: SchemaNode, tag: string): string[] {
  const { schema, root } = resolved(node);
  const member = propertiesOf(schema)[tag];
  if (!isObject(member)) return [];
  const found = resolved({ schema: member, root }).schema;
  if (Object.hasOwn(found, "const")) return [String(found.const)];
  return isList(found.enum) ? found.enum.map(String) : [];
}

/** A variant that goes by several names has one of them here. */
function settled(node: SchemaNode, tag: string, name: string): SchemaNode {
  const { schema, root } = resolved(node);
  const properties = propertiesOf(schema);
  const member = isObject(properties[tag]) ? properties[tag] : {};
  const constant = { ...member, const: name };
  return { schema: { ...schema, properties: { ...properties, [tag]: constant } }, root };
}

function nameOf(node: SchemaNode): string {
  const shape = shapeOf(node);
  const { schema } = resolved(node);
  switch (shape.type) {
    case "constant":
      return String(shape.value);
    case "choice":
      return shape.options.length === 1 ? String(shape.options[0]) : "one of";
    case "number":
      return shape.integer ? "whole number" : "number";
    case "flag":
      return "yes or no";
    case "anything":
      return "JSON";
    case "section":
      return typeof schema.title === "string" ? schema.title : "section";
    case "either":
    case "tagged":
      return "one";
    case "nullable":
      return nameOf(shape.inner);
    default:
      return shape.type;
  }
}

function listOf(schema: Raw, root: Raw): Shape {
  const places = isList(schema.prefixItems)
    ? schema.prefixItems.filter(isObject).map((place) => ({ schema: place, root }))
    : null;
  const items = { schema: isObject(schema.items) ? schema.items : {}, root };
  return { type: "list", items, places, lengths: lengthsOf(schema, "Items") };
}

function objectOf(schema: Raw, root: Raw): Shape {
  const required = isList(schema.required) ? schema.required : [];
  const properties = Object.entries(propertiesOf(schema));
  if (properties.length > 0 || schema.additionalProperties === false) {
    const patterned = isObject(schema.patternProperties) && properties.length === 0;
    if (!patterned) {
      const members = properties.map(([name, member]) => ({
        name,
        node: { schema: isObject(member) ? member : {}, root },
        required: required.includes(name),
      }));
      return { type: "section", members };
    }
  }
  const patterns = isObject(schema.patternProperties)
    ? Object.entries(schema.patternProperties)
    : [];
  const [pattern, patterned] = patterns[0] ?? [null, undefined];
  const values = patterned ?? schema.additionalProperties;
  const names = isObject(schema.propertyNames) ? textOf(schema.propertyNames.pattern) : null;
  return {
    type: "map",
    values: { schema: isObject(values) ? values : {}, root },
    keyPattern: names ?? pattern,
    most: numberOf(schema.maxProperties),
  };
}

function propertiesOf(schema: Raw): Raw {
  return isObject(schema.properties) ? schema.properties : {};
}

function rangeOf(schema: Raw): Range {
  return {
    least: numberOf(schema.minimum),
    most: numberOf(schema.maximum),
    above: numberOf(schema.exclusiveMinimum),
    under: numberOf(schema.exclusiveMaximum),
  };
}

function lengthsOf(schema: Raw, of: "Length" | "Items"): Range {
  const least = numberOf(schema[`min${of}`]);
  return { least, most: numberOf(schema[`max${of}`]), above: null, under: null };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
