import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { applyKeptTheme, chooseTheme, useTheme } from "./theme";

afterEach(() => {
  cleanup();
  act(() => chooseTheme("system"));
  localStorage.clear();
});

function Shown() {
  const { choice, shown } = useTheme();
  return <p>{`${choice}: ${shown}`}</p>;
}

test("a choice is shown at once, and kept", () => {
  render(<Shown />);

  act(() => chooseTheme("dark"));

  expect(screen.getByText("dark: dark")).toBeTruthy();
  expect(document.documentElement.dataset.theme).toBe("dark");
  act(applyKeptTheme);
  expect(screen.getByText("dark: dark")).toBeTruthy();
});

test("without a choice the system decides", () => {
  localStorage.setItem("stillhouse.theme", "purple");

  act(applyKeptTheme);
  render(<Shown />);

  expect(screen.getByText(/^system: (light|dark)$/)).toBeTruthy();
  expect(document.documentElement.dataset.theme).toBeUndefined();
});
