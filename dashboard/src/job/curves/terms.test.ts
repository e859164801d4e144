import { expect, test } from "vitest";
import { byPlace, termsOf, termTitle } from "./terms";

const DKD = termsOf({
  loss: [
    { kind: "ce", weight: 1 },
    { kind: "dkd", weight: 0.5, beta: 8 },
  ],
});

test("a term is called by its kind", () => {
  expect(termTitle("0.ce.ce", DKD)).toBe("ce");
});

test("a part is named beside its kind, with the weight of the term", () => {
  expect(termTitle("1.dkd.nckd", DKD)).toBe("0.5 × dkd · nckd");
});

test("two terms of one kind are told apart", () => {
  const terms = termsOf({ loss: [{ kind: "kd" }, { kind: "ce" }, { kind: "kd" }] });
  expect(termTitle("0.kd.kd", terms)).toBe("kd");
  expect(termTitle("2.kd.kd", terms)).toBe("kd (2)");
});

test("a term that the loss does not list keeps its own name", () => {
  expect(termTitle("0.ce.ce", termsOf({ loss: [{ kind: "kd", weight: 3 }] }))).toBe("ce");
  expect(termTitle("0.ce.ce", termsOf({}))).toBe("ce");
  expect(termTitle("odd", DKD)).toBe("odd");
});

test("the tenth term comes after the second", () => {
  expect(["10.kd.kd", "2.ce.ce", "10.kd.a"].sort(byPlace)).toEqual([
    "2.ce.ce",
    "10.kd.a",
    "10.kd.kd",
  ]);
});
