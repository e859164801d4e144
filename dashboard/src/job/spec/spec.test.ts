import { expect, test } from "vitest";
import { differencesOf } from "@/job/spec/differences";
import { yamlOf } from "@/job/spec/yaml";

test("a specification reads as one would write it", () => {
  const spec = {
    name: "digits",
    recipe: { epochs: 3, seeds: [0, 1], amp: "fp32" },
    loss: [{ kind: "ce", weight: 1 }, { kind: "dkd" }],
    labels: {},
    baseline: true,
  };

  expect(yamlOf(spec)).toBe(
    [
      "name: digits",
      "recipe:",
      "  epochs: 3",
      "  seeds: [0, 1]",
      "  amp: fp32",
      "loss:",
      "  - kind: ce",
      "    weight: 1",
      "  - kind: dkd",
      "labels: {}",
      "baseline: true",
      "",
    ].join("\n"),
  );
});

test("words that YAML would take for something else stand in quotation marks", () => {
  const tricky = ["no", "1e3", "2026-01-01", "a: b", "", " x", "# c", "null", "x\ny"];

  expect(yamlOf(tricky).split("\n").filter(Boolean)).toEqual(
    tricky.map((text) => `- ${JSON.stringify(text)}`),
  );
});

test("two specifications differ place by place", () => {
  const before = { recipe: { epochs: 3, seeds: [0] }, loss: [{ kind: "kd", t: 4 }] };
  const now = { recipe: { epochs: 5, seeds: [0] }, loss: [{ kind: "kd", alpha: 1 }] };

  expect(differencesOf(before, now)).toEqual([
    { path: "recipe.epochs", kind: "changed", before: 3, now: 5 },
    { path: "loss.0.t", kind: "removed", before: 4, now: undefined },
    { path: "loss.0.alpha", kind: "added", before: undefined, now: 1 },
  ]);
});

test("the same specification has no differences", () => {
  expect(differencesOf({ a: { b: [1, 2] } }, { a: { b: [1, 2] } })).toEqual([]);
});
