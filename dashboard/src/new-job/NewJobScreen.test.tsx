import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { type Asked, openDashboard, refusal, whoami } from "@/support/dashboard";
import { choose, promised, uploading } from "@/support/uploading";

const SECTION = { type: "object", properties: {} };
const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string" },
    teacher: {
      type: "object",
      properties: { checkpoint: { type: "string" }, flavour: { type: "string" } },
    },
    student: { type: "object", properties: { architecture: { type: "string" } } },
    data: {
      type: "object",
      properties: { dataset: { type: "string" }, image_size: { type: "integer" } },
    },
    loss: {},
    recipe: SECTION,
  },
};
const LOSS = { kind: "kd", summary: "", family: "logits", use: "", paper_sum: [], schema: SECTION };
const LISTED = { data: [], next_cursor: null, has_more: false };
const VALID = {
  valid: true,
  errors: [],
  warnings: [],
  resolved: null,
  estimates: null,
  checked: "full",
};

/** What the service answers instead, by what it is asked. */
let instead: Record<string, (asked: Asked) => object | undefined> = {};

beforeEach(() => {
  instead = {};
});

function service(asked: Asked): object | undefined {
  const what = `${asked.method} ${asked.path}`;
  return instead[what]?.(asked) ?? usual(what);
}

function usual(what: string): object {
  switch (what) {
    case "GET /v1/me":
      return whoami();
    case "GET /v1/catalog/specification":
      return SCHEMA;
    case "GET /v1/catalog/losses":
      return [LOSS];
    case "GET /v1/catalog/presets":
      return [];
    case "GET /v1/catalog/students":
      return { data: ["resnet18"], facts: {} };
    case "GET /v1/capabilities":
      return { features: {} };
    case "POST /v1/jobs/validate":
      return VALID;
    default:
      return LISTED;
  }
}

function checkedLast(asked: readonly Asked[]): unknown {
  const last = asked.findLast(({ path }) => path === "/v1/jobs/validate");
  return last === undefined ? undefined : JSON.parse(last.body);
}

function write(input: HTMLElement, value: string) {
  fireEvent.change(input, { target: { value } });
}

test("what is written about the data during an upload stays when it ends", async () => {
  const upload = uploading("shelf.tar");
  const registered = promised<object>();
  const { asked } = openDashboard("/new", (one) => {
    const isMade = one.method === "POST" && one.path === "/v1/datasets";
    return isMade ? registered.promise : (upload.answer(one) ?? service(one));
  });
  const files = await screen.findAllByLabelText("File to upload");
  choose(files.at(-1) ?? document.body, new File(["images"], "shelf.tar"));
  await upload.begun;
  write(screen.getByLabelText(/image.size/i), "64");
  upload.end();
  await waitFor(() => expect(asked.some(isMaking("/v1/datasets"))).toBe(true));
  write(screen.getByLabelText(/image.size/i), "96");
  registered.keep({ versions: [{ ref: "ds_1@1" }] });
  await waitFor(() => {
    expect(checkedLast(asked)).toEqual({ data: { dataset: "ds_1@1", image_size: 96 } });
  });
});

test("what is written about the teacher during an upload stays when it ends", async () => {
  const { asked, registered } = await withModelOnItsWay();
  write(screen.getByLabelText(/flavour/i), "sweet");
  registered.keep({ id: "mdl_1" });
  await waitFor(() => {
    expect(checkedLast(asked)).toEqual({ teacher: { checkpoint: "mdl_1", flavour: "sweet" } });
  });
});

test("a model that is made too late is no teacher of a job that has none by now", async () => {
  const { asked, registered } = await withModelOnItsWay();
  fireEvent.click(screen.getByRole("radio", { name: /None/ }));
  registered.keep({ id: "mdl_1" });
  write(screen.getByLabelText("Name"), "alone");
  await waitFor(() => expect(checkedLast(asked)).toEqual({ name: "alone" }));
});

/** A teacher was uploaded, and the service has not answered yet what became of it. */
async function withModelOnItsWay() {
  const upload = uploading("t.onnx");
  const registered = promised<object>();
  const { asked } = openDashboard("/new", (one) => {
    const isMade = one.method === "POST" && one.path === "/v1/models";
    return isMade ? registered.promise : (upload.answer(one) ?? service(one));
  });
  const [file] = await screen.findAllByLabelText("File to upload");
  choose(file ?? document.body, new File(["graph"], "t.onnx"));
  await upload.begun;
  upload.end();
  await waitFor(() => expect(asked.some(isMaking("/v1/models"))).toBe(true));
  return { asked, registered };
}

function isMaking(wanted: string) {
  return ({ method, path }: Asked) => method === "POST" && path === wanted;
}

function submitButton() {
  return screen.findByRole("button", { name: "Submit the job" });
}

test("what a refused submit said goes when the form is changed", async () => {
  const place = { pointer: "/name", code: "taken", message: "is taken", hint: "", file: null };
  instead["POST /v1/jobs"] = () => refusal(422, "invalid_spec", { errors: [place] });
  openDashboard("/new", service);
  const submit = await submitButton();
  await waitFor(() => expect(submit).toHaveProperty("disabled", false));
  fireEvent.click(submit);
  expect(await screen.findByText("invalid_spec")).toBeTruthy();
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
  write(screen.getByLabelText("Name"), "another");
  expect(screen.queryByText("invalid_spec")).toBeNull();
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).not.toBe("true");
});

test("a check that the service had no time for is asked for again by itself", async () => {
  const busy = () => refusal(503, "unavailable");
  instead["POST /v1/jobs/validate"] = busy;
  openDashboard("/new", service);
  expect(await screen.findByText("unavailable")).toBeTruthy();
  instead = {};
  const submit = await submitButton();
  await waitFor(() => expect(submit).toHaveProperty("disabled", false));
});

test("a check that failed for good is asked for again by a button", async () => {
  instead["POST /v1/jobs/validate"] = () => refusal(403, "forbidden");
  openDashboard("/new", service);
  const again = await screen.findByRole("button", { name: "Ask again" });
  instead = {};
  fireEvent.click(again);
  const submit = await submitButton();
  await waitFor(() => expect(submit).toHaveProperty("disabled", false));
});

test.each([
  ["specification", /^Architecture/],
  ["students", /^Choose resnet18/],
  ["losses", /^Name of the loss/],
  ["presets", /^Name of the loss/],
])("the %s that did not come are asked for again by a button", async (catalogue, label) => {
  instead[`GET /v1/catalog/${catalogue}`] = () => refusal(503, `no ${catalogue}`);
  openDashboard("/new", service);
  const again = await screen.findByRole("button", { name: "Try again" });
  expect(screen.getByText(`no ${catalogue}`)).toBeTruthy();
  expect(screen.queryByText("No architecture has this in its name.")).toBeNull();
  instead = {};
  fireEvent.click(again);
  expect((await screen.findAllByLabelText(label)).length).toBeGreaterThan(0);
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});

test("a clone stays at its way when the field of that way is emptied", async () => {
  const spec = { teacher: { checkpoint: "job_1/best" }, loss: { preset: "mild" } };
  instead["GET /v1/jobs/job_0"] = () => ({ id: "job_0", name: "first", spec });
  openDashboard("/new?from=job_0", service);
  write(await screen.findByLabelText(/^Checkpoint/), "");
  write(await screen.findByLabelText(/^Preset of the loss/), "");
  expect(screen.getByRole("radio", { name: "By reference" })).toHaveProperty("checked", true);
  expect(screen.getByRole("radio", { name: "Preset" })).toHaveProperty("checked", true);
});
