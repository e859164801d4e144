import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { Json } from "./json";
import { ProblemSummary } from "./ProblemSummary";
import { type PlacedProblem, Problems } from "./problems";
import { SchemaForm } from "./SchemaForm";
import { rootNode, type SchemaNode } from "./shape";

afterEach(cleanup);

interface Drawn {
  value?: Json;
  inherited?: Json;
  problems?: readonly PlacedProblem[];
}

/** The form of a section with these properties, and a way to what it would send. */
function draw(properties: Record<string, unknown>, drawn: Drawn = {}, beside: object = {}) {
  const sent: Sent = { now: drawn.value };
  const node = rootNode({ type: "object", properties, additionalProperties: false, ...beside });
  render(<Form node={node} drawn={drawn} sent={sent} />);
  return sent;
}

interface Sent {
  now: Json | undefined;
}

function Form({ node, drawn, sent }: { node: SchemaNode; drawn: Drawn; sent: Sent }) {
  const [value, setValue] = useState<Json | undefined>(drawn.value);
  const change = (next: Json | undefined) => {
    sent.now = next;
    setValue(next);
  };
  return (
    <Problems problems={drawn.problems ?? []}>
      <ProblemSummary />
      <SchemaForm
        node={node}
        label="Form"
        pointer=""
        value={value}
        inherited={drawn.inherited}
        onChange={change}
      />
    </Problems>
  );
}

/** By its label; a required one says so in it. */
function labelled(label: string): HTMLElement {
  return screen.getByLabelText((text) => text === label || text === `${label}required`);
}

function write(label: string, text: string) {
  fireEvent.change(labelled(label), { target: { value: text } });
}

function choose(label: string, option: string) {
  const select = labelled(label);
  const found = within(select).getByRole("option", { name: option });
  fireEvent.change(select, { target: { value: found.getAttribute("value") } });
}

function shown(label: string): string {
  const found = labelled(label);
  if (found instanceof HTMLSelectElement) {
    const chosen = [...found.options].find((option) => option.value === found.value);
    return chosen?.textContent ?? "";
  }
  return found instanceof HTMLInputElement ? found.value : "";
}

function options(label: string): string[] {
  return within(labelled(label))
    .getAllByRole("option")
    .map((option) => option.textContent ?? "");
}

function refusal(pointer: string | null, message: string, hint = ""): PlacedProblem {
  return { pointer, code: "invalid", message, hint };
}

describe("a number", () => {
  const temperature = {
    type: "number",
    title: "Temperature",
    description: "Divides the logits.",
    default: 4.0,
    minimum: 0.01,
    maximum: 1000,
  };

  it("shows its default as a placeholder, its range and its help, and sends nothing", () => {
    const sent = draw({ temperature });
    const input = screen.getByLabelText("Temperature");
    expect(input.getAttribute("placeholder")).toBe("4");
    const help = document.getElementById(input.getAttribute("aria-describedby") ?? "");
    expect(help?.textContent).toBe("Divides the logits. 0.01 to 1000");
    expect(sent.now).toBeUndefined();
  });

  it("keeps what is typed on the way to a number", () => {
    const sent = draw({ temperature });
    for (const text of ["0", "0.", "0.0", "0.01"]) {
      write("Temperature", text);
      expect(shown("Temperature")).toBe(text);
    }
    expect(sent.now).toEqual({ temperature: 0.01 });
  });

  it("reads powers of ten and a comma", () => {
    const sent = draw({ temperature });
    write("Temperature", "1e-3");
    expect(sent.now).toEqual({ temperature: 0.001 });
    write("Temperature", "0,5");
    expect(sent.now).toEqual({ temperature: 0.5 });
  });

  it("is sent as it was written where it is none, so that the refusal can say so", () => {
    const sent = draw({ temperature });
    write("Temperature", "warm");
    expect(sent.now).toEqual({ temperature: "warm" });
  });

  it("is not sent any more once it is emptied", () => {
    const sent = draw({ temperature });
    write("Temperature", "2");
    write("Temperature", "");
    expect(sent.now).toBeUndefined();
  });

  it.each([
    [{ type: "number", exclusiveMinimum: 0, maximum: 1 }, "more than 0, at most 1"],
    [{ type: "integer", minimum: 1, exclusiveMaximum: 9 }, "at least 1, less than 9"],
    [{ type: "number", exclusiveMinimum: 0, maximum: 1e12 }, "more than 0, at most 1e12"],
    [{ type: "number", minimum: 2 }, "at least 2"],
  ])("says its range in words: %j", (schema, words) => {
    draw({ size: schema });
    expect(screen.getByText(words)).toBeTruthy();
  });
});

describe("a text", () => {
  it("shows an example, and is not sent when empty", () => {
    const sent = draw({ note: { type: "string", pattern: "^a", examples: ["abc"] } });
    expect(screen.getByText("e.g. abc", { exact: false })).toBeTruthy();
    write("Note", "apple");
    expect(sent.now).toEqual({ note: "apple" });
    write("Note", "");
    expect(sent.now).toBeUndefined();
  });
});

describe("a label", () => {
  it("is the name in words, a symbol as it is, or a title that somebody wrote", () => {
    draw({
      weight_decay: { type: "number", title: "Weight Decay" },
      lr: { type: "number", title: "Lr" },
      k: { type: "integer", title: "How many classes" },
    });
    expect(screen.getByLabelText("Weight decay")).toBeTruthy();
    expect(screen.getByLabelText("lr")).toBeTruthy();
    expect(screen.getByLabelText("How many classes")).toBeTruthy();
  });
});

describe("a choice", () => {
  const strategy = { enum: ["target", "top1"], type: "string", default: "target" };

  it("stands at its default and sends only another", () => {
    const sent = draw({ strategy });
    expect(shown("Strategy")).toBe("target (default)");
    choose("Strategy", "top1");
    expect(sent.now).toEqual({ strategy: "top1" });
    choose("Strategy", "target (default)");
    expect(sent.now).toBeUndefined();
  });

  it("asks for one where there is no default", () => {
    const sent = draw({ op: { enum: [">=", "<="] } }, {}, { required: ["op"] });
    expect(shown("op")).toBe("Choose…");
    choose("op", "<=");
    expect(sent.now).toEqual({ op: "<=" });
  });

  it("still shows a value that is none of its options", () => {
    draw({ strategy }, { value: { strategy: "gone" } });
    expect(shown("Strategy")).toBe("gone");
  });

  it("has one more option where it may be null", () => {
    const sent = draw({
      policy: { anyOf: [{ enum: ["a", "b"] }, { type: "null" }], default: null },
    });
    expect(options("Policy")).toEqual(["none (default)", "a", "b"]);
    choose("Policy", "b");
    expect(sent.now).toEqual({ policy: "b" });
  });

  it("takes an enum that has null among its values", () => {
    draw({ policy: { enum: ["a", null], default: "a" } });
    expect(options("Policy")).toEqual(["none", "a (default)"]);
  });
});

describe("a flag", () => {
  it("stands at its default and sends only the other", () => {
    const sent = draw({ t2: { type: "boolean", default: true } });
    const box = screen.getByRole("checkbox", { name: "t2" });
    expect(box).toHaveProperty("checked", true);
    fireEvent.click(box);
    expect(sent.now).toEqual({ t2: false });
    fireEvent.click(box);
    expect(sent.now).toBeUndefined();
  });
});

describe("a value that may be null", () => {
  it("is an empty line that says none", () => {
    const sent = draw({ ema: { anyOf: [{ type: "number" }, { type: "null" }], default: null } });
    expect(screen.getByLabelText("ema").getAttribute("placeholder")).toBe("none");
    write("ema", "0.9");
    expect(sent.now).toEqual({ ema: 0.9 });
    write("ema", "");
    expect(sent.now).toBeUndefined();
  });

  it("can be set to none where the default is a value", () => {
    const sent = draw({ clip: { anyOf: [{ type: "number" }, { type: "null" }], default: 1 } });
    fireEvent.click(screen.getByRole("checkbox", { name: "no clip" }));
    expect(sent.now).toEqual({ clip: null });
    fireEvent.click(screen.getByRole("checkbox", { name: "no clip" }));
    expect(sent.now).toBeUndefined();
  });

  const decay = {
    anyOf: [{ $ref: "#/$defs/Decay" }, { type: "null" }],
    default: null,
    description: "How the weight falls.",
  };
  const $defs = {
    Decay: {
      type: "object",
      title: "Decay",
      properties: { epochs: { type: "integer" }, from_epoch: { type: "integer", default: 1 } },
      required: ["epochs"],
    },
  };

  it("is a switch with its section behind it, which stays while it is empty", () => {
    const sent = draw({ decay }, {}, { $defs });
    expect(screen.queryByLabelText("Epochs")).toBeNull();
    fireEvent.click(screen.getByRole("switch", { name: "Decay" }));
    expect(sent.now).toEqual({ decay: {} });
    write("Epochs", "5");
    expect(sent.now).toEqual({ decay: { epochs: 5 } });
    write("Epochs", "");
    expect(sent.now).toEqual({ decay: {} });
    fireEvent.click(screen.getByRole("switch", { name: "Decay" }));
    expect(sent.now).toBeUndefined();
  });

  it("is written as null where a preset switches it on", () => {
    const sent = draw({ decay }, { inherited: { decay: { epochs: 7 } } }, { $defs });
    expect(labelled("Epochs").getAttribute("placeholder")).toBe("7");
    fireEvent.click(screen.getByRole("switch", { name: "Decay" }));
    expect(sent.now).toEqual({ decay: null });
    fireEvent.click(screen.getByRole("switch", { name: "Decay" }));
    expect(sent.now).toBeUndefined();
  });
});

describe("a section", () => {
  it("sends the members that were written, and none where none was", () => {
    const device = { enum: ["auto", "cpu"], default: "auto" };
    const resources = { type: "object", properties: { device, threads: { type: "integer" } } };
    const sent = draw({ resources });
    expect(screen.getByRole("group", { name: "Resources" })).toBeTruthy();
    write("Threads", "4");
    expect(sent.now).toEqual({ resources: { threads: 4 } });
    write("Threads", "");
    expect(sent.now).toBeUndefined();
  });

  it("marks what is required and draws no constant", () => {
    const properties = { kind: { const: "kd" }, epochs: { type: "integer" } };
    draw(properties, {}, { required: ["kind", "epochs"] });
    expect(screen.queryByText("Kind")).toBeNull();
    expect(screen.getByText("required")).toBeTruthy();
  });

  it("may contain itself", () => {
    const $defs = {
      Tree: {
        type: "object",
        properties: {
          more: { anyOf: [{ $ref: "#/$defs/Tree" }, { type: "null" }], default: null },
        },
      },
    };
    const sent = draw({ tree: { $ref: "#/$defs/Tree" } }, {}, { $defs });
    fireEvent.click(screen.getByRole("switch", { name: "More" }));
    expect(sent.now).toEqual({ tree: { more: {} } });
    expect(screen.getAllByRole("switch")).toHaveLength(2);
  });
});

describe("one of several sections", () => {
  const $defs = {
    Sgd: {
      type: "object",
      properties: {
        kind: { const: "sgd", description: "Plain steps." },
        lr: { type: "number", default: 0.05, exclusiveMinimum: 0 },
        weight_decay: { type: "number", default: 0.0005, maximum: 10 },
        momentum: { type: "number", default: 0.9 },
      },
      required: ["kind"],
    },
    Lamb: {
      type: "object",
      properties: {
        kind: { const: "lamb" },
        lr: { type: "number", default: 0.005, exclusiveMinimum: 0 },
        weight_decay: { type: "number", default: 0.02, maximum: 1 },
      },
      required: ["kind"],
    },
  };
  const optimizer = {
    oneOf: [{ $ref: "#/$defs/Sgd" }, { $ref: "#/$defs/Lamb" }],
    discriminator: { propertyName: "kind", mapping: { sgd: "#/$defs/Sgd", lamb: "#/$defs/Lamb" } },
    "x-default": { kind: "sgd", lr: 0.1 },
  };

  it("stands at the default's kind, with its members as placeholders", () => {
    const sent = draw({ optimizer }, {}, { $defs });
    expect(shown("Optimizer: kind")).toBe("sgd (default)");
    expect(screen.getByText("Plain steps.")).toBeTruthy();
    expect(screen.getByLabelText("lr").getAttribute("placeholder")).toBe("0.1");
    expect(screen.getByLabelText("Momentum").getAttribute("placeholder")).toBe("0.9");
    expect(sent.now).toBeUndefined();
  });

  it("writes the kind beside a member that is written", () => {
    const sent = draw({ optimizer }, {}, { $defs });
    write("Momentum", "0.5");
    expect(sent.now).toEqual({ optimizer: { kind: "sgd", momentum: 0.5 } });
    write("Momentum", "");
    expect(sent.now).toBeUndefined();
  });

  it("keeps what fits when it is switched, and drops the rest", () => {
    const sent = draw({ optimizer }, {}, { $defs });
    write("lr", "0.3");
    write("Momentum", "0.5");
    write("Weight decay", "2");
    choose("Optimizer: kind", "lamb");
    expect(sent.now).toEqual({ optimizer: { kind: "lamb", lr: 0.3 } });
    expect(screen.queryByLabelText("Momentum")).toBeNull();
    expect(screen.getByLabelText("Weight decay").getAttribute("placeholder")).toBe("0.02");
  });

  it("is not sent once it is back at the default", () => {
    const sent = draw({ optimizer }, {}, { $defs });
    choose("Optimizer: kind", "lamb");
    expect(sent.now).toEqual({ optimizer: { kind: "lamb" } });
    choose("Optimizer: kind", "sgd (default)");
    expect(sent.now).toBeUndefined();
  });

  it("is told apart by a constant where the schema names no discriminator", () => {
    const { discriminator: _discriminator, ...plain } = optimizer;
    draw({ optimizer: plain }, {}, { $defs });
    expect(options("Optimizer: kind")).toEqual(["sgd (default)", "lamb"]);
  });

  it("may be absent", () => {
    const anyOf = [{ $ref: "#/$defs/Sgd" }, { $ref: "#/$defs/Lamb" }, { type: "null" }];
    const sent = draw({ second: { anyOf, default: null } }, {}, { $defs });
    fireEvent.click(screen.getByRole("switch", { name: "Second" }));
    expect(sent.now).toEqual({ second: { kind: "sgd" } });
    fireEvent.click(screen.getByRole("switch", { name: "Second" }));
    expect(sent.now).toBeUndefined();
  });
});

describe("a number or a word", () => {
  const batch = {
    anyOf: [
      { type: "integer", minimum: 2 },
      { const: "auto", type: "string" },
    ],
    default: 128,
  };

  it("is a choice of the two, with a line for the number", () => {
    const sent = draw({ batch });
    expect(shown("Batch: type")).toBe("whole number");
    write("Batch", "64");
    expect(sent.now).toEqual({ batch: 64 });
    choose("Batch: type", "auto");
    expect(sent.now).toEqual({ batch: "auto" });
    expect(screen.queryByRole("textbox")).toBeNull();
    choose("Batch: type", "whole number");
    expect(sent.now).toBeUndefined();
    expect(screen.getByLabelText("Batch").getAttribute("placeholder")).toBe("128");
  });

  it("stays a number while it is emptied, also where the default is the word", () => {
    const sent = draw({ batch: { ...batch, default: "auto" } });
    expect(shown("Batch: type")).toBe("auto");
    choose("Batch: type", "whole number");
    write("Batch", "9");
    write("Batch", "");
    expect(shown("Batch: type")).toBe("whole number");
    write("Batch", "8");
    expect(sent.now).toEqual({ batch: 8 });
  });

  it("may be none of them", () => {
    const anyOf = [{ type: "integer" }, { const: "all", type: "string" }, { type: "null" }];
    const sent = draw({ views: { anyOf, default: null } });
    expect(options("Views: type")).toEqual(["none", "whole number", "all"]);
    choose("Views: type", "all");
    expect(sent.now).toEqual({ views: "all" });
    choose("Views: type", "none");
    expect(sent.now).toBeUndefined();
  });
});

describe("a list", () => {
  it("shows its default and is written whole by the first change", () => {
    const seeds = { type: "array", items: { type: "integer" }, default: [0, 1], maxItems: 3 };
    const sent = draw({ seeds });
    expect(shown("Seeds 2")).toBe("1");
    write("Seeds 2", "5");
    expect(sent.now).toEqual({ seeds: [0, 5] });
    fireEvent.click(screen.getByRole("button", { name: "Add seeds" }));
    write("Seeds 3", "9");
    expect(sent.now).toEqual({ seeds: [0, 5, 9] });
    expect(screen.getByRole("button", { name: "Add seeds" })).toHaveProperty("disabled", true);
    fireEvent.click(screen.getByRole("button", { name: "Remove Seeds 1" }));
    expect(sent.now).toEqual({ seeds: [5, 9] });
    fireEvent.click(screen.getByRole("button", { name: "Back to the default" }));
    expect(sent.now).toBeUndefined();
  });

  it("may have sections", () => {
    const items = {
      type: "object",
      properties: { format: { enum: ["onnx", "int8"] }, required: { type: "boolean" } },
      required: ["format"],
    };
    const sent = draw({ exports: { type: "array", items } });
    fireEvent.click(screen.getByRole("button", { name: "Add exports" }));
    expect(sent.now).toEqual({ exports: [{}] });
    choose("Format", "int8");
    fireEvent.click(screen.getByRole("checkbox", { name: "Required" }));
    expect(sent.now).toEqual({ exports: [{ format: "int8", required: true }] });
  });

  it("of a fixed length has a line for each place", () => {
    const place = { type: "number", minimum: -10, maximum: 10 };
    const mean = {
      anyOf: [{ type: "array", prefixItems: [place, place, place] }, { type: "null" }],
      default: null,
    };
    const sent = draw({ mean });
    fireEvent.click(screen.getByRole("switch", { name: "Mean" }));
    write("Mean 2", "0.5");
    expect(sent.now).toEqual({ mean: [null, 0.5, null] });
    expect(screen.queryByRole("button", { name: "Add mean" })).toBeNull();
  });
});

describe("a map", () => {
  const labels = { type: "object", additionalProperties: { type: "string" }, maxProperties: 2 };

  it("is pairs of a name and a value", () => {
    const sent = draw({ labels });
    fireEvent.click(screen.getByRole("button", { name: "Add to labels" }));
    expect(sent.now).toBeUndefined();
    write("Labels 1: name", "team");
    write("Labels 1: value", "retail");
    expect(sent.now).toEqual({ labels: { team: "retail" } });
    fireEvent.click(screen.getByRole("button", { name: "Remove Labels 1" }));
    expect(sent.now).toBeUndefined();
  });

  it("does not lose a value to a name that stands twice on the way to another", () => {
    const sent = draw({ labels }, { value: { labels: { a: "1" } } });
    fireEvent.click(screen.getByRole("button", { name: "Add to labels" }));
    write("Labels 2: name", "a");
    write("Labels 2: value", "2");
    expect(screen.getByText("This name stands twice", { exact: false })).toBeTruthy();
    expect(sent.now).toEqual({ labels: { a: "1" } });
    write("Labels 2: name", "ab");
    expect(sent.now).toEqual({ labels: { a: "1", ab: "2" } });
    expect(screen.getByRole("button", { name: "Add to labels" })).toHaveProperty("disabled", true);
  });

  it("is known by patternProperties too", () => {
    draw({ labels: { type: "object", patternProperties: { "^[a-z]+$": { type: "string" } } } });
    expect(screen.getByRole("button", { name: "Add to labels" })).toBeTruthy();
  });
});

describe("a schema without a type", () => {
  it("takes JSON, and keeps the last that was some", () => {
    const sent = draw({ extra: { description: "Whatever." } });
    write("Extra", '{"a": [1, 2]}');
    expect(sent.now).toEqual({ extra: { a: [1, 2] } });
    write("Extra", '{"a": [1,');
    expect(screen.getByText("This is no JSON", { exact: false })).toBeTruthy();
    expect(sent.now).toEqual({ extra: { a: [1, 2] } });
  });
});

describe("a refusal", () => {
  const $defs = {
    Kd: {
      type: "object",
      properties: { kind: { const: "kd" }, temperature: { type: "number" } },
      required: ["kind"],
    },
  };
  const terms = { type: "array", items: { $ref: "#/$defs/Kd" } };
  const value = { terms: [{ kind: "kd", temperature: -1 }] };

  it("stands at the field that its pointer names, with its hint, and marks it", () => {
    const problems = [
      refusal("/terms/0/temperature", "should be 0.01 or more", "higher is softer"),
    ];
    draw({ terms }, { value, problems }, { $defs });
    const input = screen.getByLabelText("Temperature");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    const described = (input.getAttribute("aria-describedby") ?? "").split(" ");
    const words = described.map((id) => document.getElementById(id)?.textContent).join(" ");
    expect(words).toContain("should be 0.01 or more");
    expect(words).toContain("higher is softer");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("stands at a section or a list as a whole", () => {
    draw({ terms }, { value, problems: [refusal("/terms", "needs a teacher")] }, { $defs });
    const group = screen.getByRole("group", { name: "Terms" });
    expect(within(group).getAllByText("needs a teacher")).toHaveLength(1);
  });

  it("is in the summary where no field is at its place, with its hint", () => {
    const problems = [
      refusal("/terms/0/foo", "there is no key 'foo'", "known: temperature"),
      refusal(null, "the key sees another project"),
    ];
    draw({ terms }, { value, problems }, { $defs });
    const alerts = screen.getAllByRole("alert").map((alert) => alert.textContent);
    expect(alerts).toHaveLength(2);
    expect(alerts[0]).toContain("/terms/0/foo: there is no key 'foo'");
    expect(alerts[0]).toContain("known: temperature");
    expect(alerts[1]).toContain("the key sees another project");
  });

  it("is in the summary while its field is not drawn", () => {
    const decay = {
      anyOf: [{ type: "object", properties: { epochs: { type: "integer" } } }, { type: "null" }],
      default: null,
    };
    draw({ decay }, { problems: [refusal("/decay/epochs", "is missing")] });
    expect(screen.getByRole("alert").textContent).toContain("is missing");
    fireEvent.click(screen.getByRole("switch", { name: "Decay" }));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByText("is missing")).toBeTruthy();
  });

  it("finds names with a slash or a tilde", () => {
    draw(
      { "a/b~c": { type: "integer", title: "Odd name" } },
      { problems: [refusal("/a~1b~0c", "is too much")] },
    );
    expect(screen.getByLabelText("Odd name").getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
