import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Field } from "./Field";
import { described, TextInput } from "./inputs";

afterEach(cleanup);

test("the label, the help and the error belong to the control", () => {
  render(
    <Field label="Temperature" help="How soft." error="Must be positive." hint="Try 4.">
      {(ids) => <TextInput {...described(ids)} />}
    </Field>,
  );

  const box = screen.getByLabelText("Temperature");
  const said = box.getAttribute("aria-describedby")?.split(" ") ?? [];
  const words = said.map((id) => document.getElementById(id)?.textContent);

  expect(box.getAttribute("aria-invalid")).toBe("true");
  expect(words).toEqual(["How soft.", "Must be positive. Try 4."]);
});

test("without help and error nothing is referred to", () => {
  render(<Field label="Name">{(ids) => <TextInput {...described(ids)} />}</Field>);

  const box = screen.getByLabelText("Name");

  expect(box.hasAttribute("aria-describedby")).toBe(false);
  expect(box.hasAttribute("aria-invalid")).toBe(false);
});
