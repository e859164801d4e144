import { expect, test } from "vitest";
import { parseSearch, stringifySearch, word, words } from "@/app/search";

test("an address stays readable, and comes back as it was", () => {
  const search = { state: ["running", "queued"], label: "team=retail", jobs: "job_1,job_2" };
  const text = stringifySearch(search);

  expect(text).toBe("?state=running&state=queued&label=team%3Dretail&jobs=job_1,job_2");
  expect(parseSearch(text)).toEqual(search);
});

test("numbers and words like true are words: nothing is guessed", () => {
  expect(parseSearch("?name=007&tab=true")).toEqual({ name: "007", tab: "true" });
});

test("nothing to say is no question mark", () => {
  expect(stringifySearch({ name: "", tab: undefined, state: [] })).toBe("");
});

test("one word and many are told apart by whoever reads them", () => {
  expect(word(["a", "b"])).toBe("a");
  expect(word(undefined)).toBeUndefined();
  expect(words("a")).toEqual(["a"]);
  expect(words(undefined)).toEqual([]);
});
