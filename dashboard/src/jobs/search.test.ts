import { expect, test } from "vitest";
import { GROUPS, jobsSearch, sortedBy, toggledStates } from "@/jobs/search";

const [waiting, running] = GROUPS;

test("an address that says what the list does not know still opens", () => {
  expect(jobsSearch({ state: ["running", "sleeping"], sort: "colour", page: "7" })).toEqual({
    state: ["running"],
  });
});

test("what an address says is what is asked for", () => {
  const search = {
    state: ["failed"],
    label: ["team=retail", "git_sha"],
    name: "shelf",
    project: "default",
    sort: "-priority",
    trash: "true",
  };

  expect(jobsSearch(search)).toEqual({ ...search, trash: true });
});

test("a group of states is switched on and off as one", () => {
  if (!waiting || !running) throw new Error("no groups");
  const on = toggledStates(undefined, waiting);

  expect(on).toEqual(["queued", "paused"]);
  expect(toggledStates(on, running)).toContain("cancelling");
  expect(toggledStates(on, waiting)).toBeUndefined();
});

test("a column sorts as one wants it first, and the other way round at the second click", () => {
  expect(sortedBy("name", undefined)).toBe("name");
  expect(sortedBy("name", "name")).toBe("-name");
  expect(sortedBy("created_at", undefined)).toBe("created_at");
  expect(sortedBy("created_at", "name")).toBe("-created_at");
});
