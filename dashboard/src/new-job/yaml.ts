import { isJsonList, isJsonObject, type Json } from "@/schema-form/json";

/** YAML for people: blocks, short lists in one line, quotes only where YAML needs them. */
export function yaml(value: Json): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: Json): string[] {
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, member]) => pair(key, member));
  }
  if (isJsonList(value) && value.length > 0) return value.flatMap(item);
  return [flow(value)];
}

function pair(key: string, value: Json): string[] {
  if (isFlat(value)) return [`${scalar(key)}: ${flow(value)}`];
  return [`${scalar(key)}:`, ...indented(lines(value))];
}

function item(value: Json): string[] {
  const [first = "", ...rest] = isFlat(value) ? [flow(value)] : lines(value);
  return [`- ${first}`, ...indented(rest)];
}

function indented(given: readonly string[]): string[] {
  return given.map((line) => `  ${line}`);
}

/** What reads well in one line: a value, a list of values, a small object of values. */
function isFlat(value: Json): boolean {
  if (isJsonList(value)) return value.every(isScalar) && flow(value).length <= 72;
  if (isJsonObject(value)) return Object.values(value).every(isScalar) && flow(value).length <= 60;
  return true;
}

function isScalar(value: Json): boolean {
  return !isJsonList(value) && !isJsonObject(value);
}

function flow(value: Json): string {
  if (isJsonList(value)) return `[${value.map(flow).join(", ")}]`;
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${scalar(key)}: ${flow(member)}`);
    return `{${members.join(", ")}}`;
  }
  return typeof value === "string" ? scalar(value) : number(value);
}

/** 1e-8 without a dot is a text to YAML 1.1. */
function number(value: null | boolean | number): string {
  const text = String(value);
  return typeof value === "number" && /^-?\d+e/.test(text) ? text.replace("e", ".0e") : text;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_./@-]*$/;
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

function scalar(text: string): string {
  return PLAIN.test(text) && !WORDS.test(text) ? text : JSON.stringify(text);
}
