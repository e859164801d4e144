import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Loss, Preset } from "@/api/schema";
import { rootNode } from "@/schema-form/shape";
import { GITHUB, GITLAB } from "./ci";
import { differences, mergePatch } from "./differences";
import { inSection } from "./draft";
import { lossWay, ofKind, termsOf } from "./loss";
import { memberNode } from "./nodes";
import { snippetsOf } from "./snippets";
import { yaml } from "./yaml";

describe("a job as YAML", () => {
  it("is written in blocks, with short things in one line", () => {
    const spec = {
      name: "shelf classifier",
      teacher: {
        checkpoint: "mdl_1",
        recipe: { preset: "quick", optimizer: { kind: "sgd", lr: 0.1 } },
      },
      loss: [
        { kind: "kd", weight: 0.9 },
        { kind: "ce", weight: 0.1 },
      ],
      gates: [{ metric: "top1", op: ">=", value: 0.9 }],
      recipe: {},
      exports: [],
      seeds: [0, 1],
    };
    expect(yaml(spec)).toBe(`name: "shelf classifier"
teacher:
  checkpoint: mdl_1
  recipe:
    preset: quick
    optimizer: {kind: sgd, lr: 0.1}
loss:
  - {kind: kd, weight: 0.9}
  - {kind: ce, weight: 0.1}
gates:
  - {metric: top1, op: ">=", value: 0.9}
recipe: {}
exports: []
seeds: [0, 1]
`);
  });

  it("quotes what YAML would read as something else", () => {
    const odd = {
      no: "yes",
      on: "1e3",
      empty: "",
      number: "007",
      null: "null",
      colon: "a: b",
      date: "2026-01-01",
    };
    expect(yaml(odd)).toBe(
      `{"no": "yes", "on": "1e3", empty: "", number: "007", "null": "null", colon: "a: b", date: "2026-01-01"}\n`
        .replace(/^\{|\}\n$/g, "")
        .split(", ")
        .join("\n")
        .concat("\n"),
    );
  });

  it("writes powers of ten so that every reader takes them for numbers", () => {
    expect(yaml({ eps: 1e-8, large: 1e21 })).toBe("eps: 1.0e-8\nlarge: 1.0e+21\n");
  });
});

describe("what differs", () => {
  const before = { name: "a", recipe: { preset: "quick", epochs: 3 }, loss: [{ kind: "ce" }] };

  it("is told member by member", () => {
    const after = { name: "b", recipe: { epochs: 5, preset: "quick" }, loss: [{ kind: "kd" }] };
    expect(differences(before, after)).toEqual([
      { pointer: "/name", before: "a", after: "b" },
      { pointer: "/recipe/epochs", before: 3, after: 5 },
      { pointer: "/loss", before: [{ kind: "ce" }], after: [{ kind: "kd" }] },
    ]);
  });

  it("is a merge patch, in which null takes a key away", () => {
    expect(
      mergePatch(before, { name: "a", recipe: { preset: "quick" }, data: { dataset: "digits" } }),
    ).toEqual({
      recipe: { epochs: null },
      loss: null,
      data: { dataset: "digits" },
    });
    expect(mergePatch(before, before)).toEqual({});
  });

  it("is no merge patch where a null has to be written", () => {
    expect(mergePatch(before, { ...before, teacher: null })).toBeNull();
    expect(
      mergePatch(before, { ...before, recipe: { preset: "quick", epochs: 3, mix: null } }),
    ).toBeNull();
  });
});

describe("a loss", () => {
  const schema = (kind: string, members: object) => ({
    type: "object",
    properties: { kind: { const: kind }, weight: { type: "number" }, ...members },
    required: ["kind"],
  });
  const about = {
    summary: "",
    family: "",
    needs: [],
    paper: "",
    source: "",
    formula: "",
    use: "",
    cost: "",
  };
  const kd: Loss = {
    ...about,
    kind: "kd",
    mixed_labels: true,
    defaults: {},
    paper_sum: [
      { kind: "ce", weight: 0.1 },
      { kind: "kd", weight: 0.9 },
    ],
    schema: schema("kd", { temperature: { type: "number", maximum: 10 }, t2: { type: "boolean" } }),
  };
  const pld: Loss = {
    ...kd,
    kind: "pld",
    schema: schema("pld", { temperature: { type: "number" } }),
  };
  const preset: Preset = {
    kind: "loss",
    name: "kd-cifar",
    about: "",
    source: "",
    values: {},
    terms: [{ kind: "kd" }],
  };

  it("is written in one of three ways", () => {
    expect(lossWay("kd")).toBe("paper");
    expect(lossWay({ preset: "kd-cifar" })).toBe("preset");
    expect(lossWay([{ kind: "kd" }])).toBe("terms");
    expect(lossWay({ kind: "kd" })).toBe("terms");
    expect(lossWay(undefined)).toBeNull();
  });

  it("of a paper or a preset can be taken apart into its terms", () => {
    expect(termsOf("kd", [kd], [])).toEqual(kd.paper_sum);
    expect(termsOf({ preset: "kd-cifar" }, [kd], [preset])).toEqual([{ kind: "kd" }]);
    expect(termsOf({ kind: "kd", weight: 2 }, [], [])).toEqual([{ kind: "kd", weight: 2 }]);
    expect(termsOf(undefined, [kd], [preset])).toEqual([]);
  });

  it("keeps in another kind what that one takes", () => {
    const term = { kind: "kd", weight: 0.5, temperature: 4, t2: false };
    expect(ofKind(term, pld)).toEqual({ kind: "pld", weight: 0.5, temperature: 4 });
    expect(ofKind({ kind: "pld", temperature: 40 }, kd)).toEqual({ kind: "kd" });
  });
});

describe("the same job elsewhere", () => {
  const comments = (text: string) =>
    text
      .split("\n")
      .filter((line) => !/^\s*#/.test(line))
      .join("\n")
      .trim();

  it.each([
    ["github", GITHUB],
    ["gitlab", GITLAB],
  ])("has the pipeline of examples/ci for %s", (name, snippet) => {
    const example = readFileSync(`${import.meta.dirname}/../../../examples/ci/${name}.yml`, "utf8");
    expect(snippet.trim()).toBe(comments(example));
  });

  it("ends its document with a word that is no line of it", () => {
    const [curl, cli] = snippetsOf({ name: "END" }, "http://here:8080");
    expect(curl?.code).toContain("curl -X POST 'http://here:8080/v1/jobs'");
    expect(curl?.code).toContain('"name": "END"');
    expect(cli?.code).toBe(
      "cat > job.yaml <<'END'\nname: END\nEND\nstill submit job.yaml --wait\n",
    );
  });
});

describe("small things", () => {
  it("finds the schema of a key, also behind a null", () => {
    const node = rootNode({
      $defs: { Teacher: { type: "object", properties: { recipe: { type: "string" } } } },
      type: "object",
      properties: { teacher: { anyOf: [{ $ref: "#/$defs/Teacher" }, { type: "null" }] } },
    });
    expect(memberNode(node, "teacher", "recipe")?.schema).toEqual({ type: "string" });
    expect(memberNode(node, "teacher", "gone")).toBeNull();
  });

  it("leaves no empty section behind", () => {
    expect(inSection({ a: 1 }, "a", undefined)).toBeUndefined();
    expect(inSection(undefined, "a", 1)).toEqual({ a: 1 });
  });
});
