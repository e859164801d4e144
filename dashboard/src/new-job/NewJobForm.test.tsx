import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openApi } from "@/api/client";
import { openQueries } from "@/api/polling";
import type { Job } from "@/api/schema";
import { rootNode } from "@/schema-form/shape";
import { SessionContext } from "@/session/session";
import { NewJobForm } from "./NewJobForm";

const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", default: "distillation" },
    teacher: { anyOf: [{ type: "object", properties: {} }, { type: "null" }], default: null },
    student: { type: "object", properties: { architecture: { type: "string" } } },
    data: { type: "object", properties: { dataset: { type: "string" } } },
    loss: {},
    recipe: {
      type: "object",
      properties: {
        preset: { type: "string" },
        epochs: { type: "integer", "x-default": 60 },
      },
    },
    exports: { type: "array", items: { type: "string" } },
    gates: { type: "array", items: { type: "string" }, default: [] },
  },
};

/** A loss that no line of this code has heard of. */
const NOVEL = {
  kind: "novel",
  summary: "Match what nobody matched before.",
  family: "unheard of",
  use: "Always.",
  paper_sum: [{ kind: "novel", weight: 1 }],
  schema: {
    type: "object",
    properties: {
      sharpness: {
        type: "number",
        title: "Sharpness",
        description: "How sharp it is.",
        default: 3,
        exclusiveMinimum: 0,
        maximum: 9,
      },
      shape: { enum: ["round", "square"], default: "round" },
      kind: { const: "novel" },
      weight: { type: "number", default: 1, exclusiveMinimum: 0 },
    },
    required: ["kind"],
  },
};

const PRESET = {
  kind: "recipe",
  name: "quick",
  about: "Short.",
  source: "Ours.",
  values: { epochs: 8 },
  terms: [],
};

interface Asked {
  method: string;
  path: string;
  body: unknown;
  key: string | null;
}

let asked: Asked[] = [];
let errors: object[] = [];

beforeEach(() => {
  asked = [];
  errors = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    const body: unknown = request.method === "POST" ? await request.json() : null;
    const key = request.headers.get("Idempotency-Key");
    asked.push({ method: request.method, path, body, key });
    return Response.json(answer(path));
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function answer(path: string): unknown {
  if (path.endsWith("/losses")) return [NOVEL];
  if (path.endsWith("/presets")) return [{ ...PRESET, name: "default", values: {} }, PRESET];
  if (path.endsWith("/students")) return { data: ["resnet18", "resnet34"], facts: {} };
  if (path.endsWith("/validate")) {
    const valid = errors.length === 0;
    return { valid, errors, warnings: [], resolved: null, estimates: null, checked: "full" };
  }
  if (path.endsWith("/jobs") || path.endsWith("/clone")) return { id: "job_2", name: "made" };
  return { data: [], next_cursor: null, has_more: false };
}

function draw(origin?: Partial<Job>) {
  const submitted = vi.fn();
  const queries = openQueries();
  const api = openApi({ key: "sh_live_1" });
  const session = {
    key: "sh_live_1",
    me: { tenant: "t", key: { ...KEY, scopes: ["jobs:write" as const] } },
    api,
    queries,
    signIn: async () => undefined,
    signOut: () => undefined,
  };
  render(
    <SessionContext value={session}>
      <QueryClientProvider client={queries}>
        <NewJobForm
          node={rootNode(SCHEMA)}
          origin={origin as Job | undefined}
          onSubmitted={submitted}
        />
      </QueryClientProvider>
    </SessionContext>,
  );
  return submitted;
}

const KEY = {
  id: "key_1",
  name: "mine",
  project: null,
  created_at: "",
  expires_at: null,
  last_used_at: null,
  previous_valid_until: null,
  parent_id: null,
};

function posted(end: string): Asked[] {
  return asked.filter(({ method, path }) => method === "POST" && path.endsWith(end));
}

async function addTerm() {
  fireEvent.click(await screen.findByText("Own terms"));
  fireEvent.click(screen.getByRole("button", { name: "Add a term" }));
}

it("draws a loss that the catalogue has, field by field, with its ranges and its help", async () => {
  draw();
  await addTerm();
  const sharpness = screen.getByLabelText("Sharpness");
  expect(sharpness.getAttribute("placeholder")).toBe("3");
  expect(screen.getByText("How sharp it is.", { exact: false }).textContent).toContain(
    "more than 0, at most 9",
  );
  expect(within(screen.getByLabelText("Shape")).getAllByRole("option")).toHaveLength(2);
  fireEvent.change(sharpness, { target: { value: "5" } });
  await waitFor(() => {
    expect(posted("/validate").at(-1)?.body).toEqual({ loss: [{ kind: "novel", sharpness: 5 }] });
  });
});

it("puts what the service refuses at its field", async () => {
  errors = [
    {
      pointer: "/loss/0/sharpness",
      code: "out_of_range",
      message: "is too sharp",
      hint: "less",
      file: null,
    },
  ];
  draw();
  await addTerm();
  await waitFor(() => {
    expect(screen.getByLabelText("Sharpness").getAttribute("aria-invalid")).toBe("true");
  });
  expect(screen.getByRole("button", { name: "Submit the job" })).toHaveProperty("disabled", true);
});

it("takes a published sum apart into terms that can be changed", async () => {
  draw();
  const name = await screen.findByRole("option", { name: "novel · unheard of" });
  fireEvent.change(name.closest("select") ?? name, { target: { value: "novel" } });
  fireEvent.click(screen.getByText("Own terms"));
  expect(screen.getByLabelText("Weight")).toHaveProperty("value", "1");
});

it("shows the values of a preset where nothing is written", async () => {
  draw();
  const preset = await screen.findByRole("option", { name: "quick" });
  fireEvent.change(preset.closest("select") ?? preset, { target: { value: "quick" } });
  expect(screen.getByLabelText("Epochs").getAttribute("placeholder")).toBe("8");
});

it("submits with a key of its own, which a second try repeats", async () => {
  const submitted = draw();
  fireEvent.click(await screen.findByRole("button", { name: "Choose resnet34" }));
  const submit = screen.getByRole("button", { name: "Submit the job" });
  await waitFor(() => expect(submit).toHaveProperty("disabled", false));
  fireEvent.click(submit);
  await waitFor(() => expect(submitted).toHaveBeenCalledOnce());
  fireEvent.click(submit);
  await waitFor(() => expect(submitted).toHaveBeenCalledTimes(2));
  const [first, second] = posted("/v1/jobs");
  expect(first?.body).toEqual({ student: { architecture: "resnet34" } });
  expect(first?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(second?.key).toBe(first?.key);
});

it("clones by what differs, and says what does", async () => {
  const submitted = draw({
    id: "job_1",
    name: "before",
    spec: { name: "before", student: { architecture: "resnet18" }, loss: "novel" },
  });
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "after" } });
  expect(screen.getByText('"before"').tagName).toBe("DEL");
  const submit = screen.getByRole("button", { name: "Submit the job" });
  await waitFor(() => expect(submit).toHaveProperty("disabled", false));
  fireEvent.click(submit);
  await waitFor(() => expect(submitted).toHaveBeenCalledOnce());
  expect(posted("/v1/jobs/job_1/clone")[0]?.body).toEqual({ reason: "", patch: { name: "after" } });
});
