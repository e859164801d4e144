/** Conditional requests: which tag an object came with, and whether an answer is news. */
import { replaceEqualDeep } from "@tanstack/react-query";

export interface Answer<T> {
  /** Null: what we have still holds (304). */
  news: T | null;
  /** The service was ready to hold the request until there is news (`Prefer: wait`). */
  waited: boolean;
}

// Beside the objects, not in them: what is cached stays what the service sent.
const tags = new WeakMap<object, string>();

export function tagOf(seen: object | undefined): string | null {
  return (seen && tags.get(seen)) ?? null;
}

export function unless(tag: string | null): { "If-None-Match"?: string } {
  return tag === null ? {} : { "If-None-Match": tag };
}

export function ifNoneMatch(seen: object | undefined): { "If-None-Match"?: string } {
  return unless(tagOf(seen));
}

/** For a write that is to fail when somebody else has written meanwhile. */
export function ifMatch(seen: object): { "If-Match"?: string } {
  const tag = tags.get(seen);
  return tag === undefined ? {} : { "If-Match": tag };
}

export function answerOf<T extends object>(told: { data?: T; response: Response }): Answer<T> {
  const waited = told.response.headers.get("Preference-Applied")?.includes("wait=") ?? false;
  if (told.response.status === 304) return { news: null, waited };
  if (told.data === undefined) throw new Error(`no body: ${told.response.status}`);
  const tag = told.response.headers.get("ETag");
  if (tag !== null) tags.set(told.data, tag);
  return { news: told.data, waited };
}

/** The new object, with every part that has not changed taken from the old one: less is drawn. */
export function keepingEqual(before: unknown, now: unknown): unknown {
  const kept: unknown = replaceEqualDeep(before, now);
  if (isObject(kept) && isObject(now)) {
    const tag = tags.get(now);
    if (tag !== undefined) tags.set(kept, tag);
  }
  return kept;
}

function isObject(found: unknown): found is object {
  return typeof found === "object" && found !== null;
}
