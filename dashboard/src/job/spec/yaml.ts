/** A document as YAML that people can read, and `still submit` too. */
import { isRecord } from "@/api/loose";

export function yamlOf(document: unknown): string {
  return `${lines(document).join("\n")}\n`;
}

function lines(value: unknown): string[] {
  if (isRecord(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0)
      return entries.flatMap(([name, inner]) => entry(`${plain(name)}:`, inner));
  }
  if (Array.isArray(value) && value.length > 0) return value.flatMap(item);
  return [scalar(value)];
}

function entry(head: string, inner: unknown): string[] {
  if (!isNested(inner)) return [`${head} ${scalar(inner)}`];
  // A list of plain values is easier to read on one line.
  if (Array.isArray(inner) && !inner.some(isNested)) {
    return [`${head} [${inner.map(scalar).join(", ")}]`];
  }
  return [head, ...lines(inner).map((line) => `  ${line}`)];
}

function item(inner: unknown): string[] {
  const [first = "", ...rest] = lines(inner);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function isNested(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isRecord(value) && Object.keys(value).length > 0;
}

function scalar(value: unknown): string {
  if (typeof value === "string") return plain(value);
  if (Array.isArray(value)) return "[]";
  if (isRecord(value)) return "{}";
  return value === undefined ? "null" : JSON.stringify(value);
}

/** Words that mean something else in YAML 1.1 or 1.2, and what looks like a number or a time. */
const TAKEN = /^(true|false|yes|no|on|off|y|n|null|~|[-+.]?\d.*|[-+]?\.(inf|nan))$/i;
const SAFE = /^[A-Za-z_/.][\w ./@+-]*$/;

/** Without quotation marks where nobody could take it for anything but a word. */
function plain(text: string): string {
  const isWord = SAFE.test(text) && !TAKEN.test(text) && text === text.trim();
  return isWord ? text : JSON.stringify(text);
}
