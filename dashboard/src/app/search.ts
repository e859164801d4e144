/** Search parameters as people write them: words, and a name that is given again makes a list. */
export type Search = Record<string, string | readonly string[] | undefined>;

export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    if (before === undefined) found[name] = value;
    else found[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === true) parts.push(`${name}=true`);
      else if (typeof one === "string" && one !== "") parts.push(`${name}=${readable(one)}`);
    }
  }
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}

/** What a query may hold as it is stays readable in the address. */
function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(2C|3A|2F|40)/g, decodeURIComponent);
}

export function word(found: unknown): string | undefined {
  const one: unknown = Array.isArray(found) ? found[0] : found;
  return typeof one === "string" && one !== "" ? one : undefined;
}

export function words(found: unknown): string[] {
  const all: unknown[] = Array.isArray(found) ? found : [found];
  return all.filter((one): one is string => typeof one === "string" && one !== "");
}
