import { expect, test } from "vitest";
import { differencesOf, textOf } from "@/compare/differences";

const base = {
  name: "a",
  recipe: { epochs: 3, optimizer: { kind: "adamw", lr: 0.001 }, seeds: [0, 1] },
  loss: [
    { kind: "kd", temperature: 4 },
    { kind: "ce", weight: 1 },
  ],
};

test("equal specifications differ in nothing, whatever they are called", () => {
  expect(differencesOf([base, { ...base, name: "b" }])).toEqual([]);
});

test("only the paths that differ are there, with a value for each job", () => {
  const other = { ...base, recipe: { ...base.recipe, epochs: 9, seeds: [0] } };
  expect(differencesOf([base, other, base])).toEqual([
    { path: "recipe.epochs", values: [3, 9, 3] },
    { path: "recipe.seeds", values: [[0, 1], [0], [0, 1]] },
  ]);
});

test("terms are told apart by what they are, not by their place", () => {
  const turned = { ...base, loss: base.loss.toReversed() };
  expect(differencesOf([base, turned])).toEqual([]);
  const other = { ...base, loss: [{ kind: "dkd", beta: 8 }, ...base.loss] };
  expect(differencesOf([base, other])).toEqual([
    { path: "loss.dkd.beta", values: [undefined, 8] },
    { path: "loss.dkd.kind", values: [undefined, "dkd"] },
  ]);
});

test("members of one kind are told apart by their place", () => {
  const gates = (value: number) => ({
    gates: [
      { metric: "top1", value: 0.9 },
      { metric: "top1", value },
    ],
  });
  expect(differencesOf([gates(0.8), gates(0.7)])).toEqual([
    { path: "gates.1.value", values: [0.8, 0.7] },
  ]);
});

test("null, nothing and an empty section are three things", () => {
  const rows = differencesOf([{ a: null, b: {} }, { a: {}, b: {} }, { b: {} }]);
  expect(rows).toEqual([{ path: "a", values: [null, {}, undefined] }]);
  expect(rows[0]?.values.map(textOf)).toEqual(["null", "{}", undefined]);
});

test("a section against a plain value shows both", () => {
  expect(differencesOf([{ loss: "kd" }, { loss: { kind: "kd" } }])).toEqual([
    { path: "loss", values: ["kd", undefined] },
    { path: "loss.kind", values: [undefined, "kd"] },
  ]);
});

test("values are written as in a specification", () => {
  expect([0.1, true, "adamw", [1, 2], []].map(textOf)).toEqual([
    "0.1",
    "true",
    "adamw",
    "1, 2",
    "[]",
  ]);
});
