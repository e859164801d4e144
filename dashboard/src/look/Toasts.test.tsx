import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Toasts, useToasts } from "./Toasts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  act(() => void vi.runAllTimers());
  vi.useRealTimers();
  cleanup();
});

function Speaker() {
  const { say, warn } = useToasts();
  return (
    <>
      <button type="button" onClick={() => say("Saved.")}>
        say
      </button>
      <button type="button" onClick={() => warn("Not saved.", "Try again.")}>
        warn
      </button>
      <Toasts />
    </>
  );
}

test("a message passes, a warning stays longer and says the way out", () => {
  render(<Speaker />);

  fireEvent.click(screen.getByText("say"));
  fireEvent.click(screen.getByText("warn"));
  act(() => void vi.advanceTimersByTime(6_000));

  expect(screen.queryByText("Saved.")).toBeNull();
  expect(screen.getByText("Try again.")).toBeTruthy();
});

test("a message can be dismissed", () => {
  render(<Speaker />);

  fireEvent.click(screen.getByText("warn"));
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));

  expect(screen.queryByText("Not saved.")).toBeNull();
});

test("no more than four are shown, the latest ones", () => {
  render(<Speaker />);

  for (let n = 0; n < 6; n += 1) fireEvent.click(screen.getByText("say"));

  expect(screen.getAllByText("Saved.")).toHaveLength(4);
});
