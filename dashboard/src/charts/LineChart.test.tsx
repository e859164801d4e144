import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { percent } from "@/look/format";
import { LineChart } from "./LineChart";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const LINES = [
  { id: "a", label: "val/top1", steps: [0, 500, 1000], values: [0.1, 0.9, 0.8] },
  { id: "b", label: "val/top5", steps: [0, 1000], values: [0.5, null] },
];
const TEACHER = [{ label: "teacher", value: 0.92 }];

function chartAt(place: number) {
  const chart = screen.getAllByRole("application")[place];
  if (chart === undefined) throw new Error("no chart");
  return chart;
}

function keys(...pressed: (string | { key: string; shiftKey: boolean })[]) {
  for (const key of pressed) fireEvent.keyDown(chartAt(0), typeof key === "string" ? { key } : key);
  act(() => void vi.advanceTimersByTime(300));
}

test("the legend says the last number of each line, and the references", () => {
  render(<LineChart label="Accuracy" lines={LINES} references={TEACHER} format={percent} />);

  const entries = screen.getAllByRole("listitem").map((item) => item.textContent);

  expect(entries).toEqual(["val/top180.00%", "val/top550.00%", "teacher92.00%"]);
});

test("a line is switched off and on by its button", () => {
  render(<LineChart label="Accuracy" lines={LINES} format={percent} />);
  const button = screen.getByRole("button", { name: /val\/top1/ });

  fireEvent.click(button);
  expect(button.getAttribute("aria-pressed")).toBe("false");

  fireEvent.click(button);
  expect(button.getAttribute("aria-pressed")).toBe("true");
});

test("the table says the extremes and where they were", () => {
  render(<LineChart label="Accuracy" lines={LINES} references={TEACHER} format={percent} />);

  const row = within(screen.getByRole("table")).getByRole("row", { name: /val\/top1/ });

  expect(
    within(row)
      .getAllByRole("cell")
      .map((cell) => cell.textContent),
  ).toEqual(["3", "80.00%", "10.00%", "0", "90.00%", "500"]);
});

test("keys zoom, move and reset, and the caller hears where that came to rest", () => {
  const onRange = vi.fn();
  render(<LineChart label="Accuracy" lines={LINES} onRange={onRange} />);

  keys("+", "+");
  keys({ key: "ArrowRight", shiftKey: true });
  keys("Escape");

  const heard = onRange.mock.calls.map(([range]) => range && Math.round(range.to - range.from));
  expect(heard).toEqual([444, 444, null]);
  expect(onRange.mock.calls[1]?.[0].from).toBeGreaterThan(onRange.mock.calls[0]?.[0].from);
});

test("charts of one name are zoomed together, and one of them tells", () => {
  const first = vi.fn();
  const second = vi.fn();
  render(
    <>
      <LineChart label="Accuracy" lines={LINES} sync="job" onRange={first} />
      <LineChart label="Loss" lines={LINES} sync="job" onRange={second} />
    </>,
  );

  keys("+");

  expect(screen.getAllByRole("button", { name: "Show all" })).toHaveLength(2);
  expect(first).toHaveBeenCalledOnce();
  expect(second).not.toHaveBeenCalled();

  fireEvent.keyDown(chartAt(1), { key: "Escape" });
  act(() => void vi.advanceTimersByTime(300));

  expect(second.mock.calls).toEqual([[null]]);
  expect(first).toHaveBeenCalledOnce();
});

test("of two charts that are moved at once the later one tells", () => {
  const first = vi.fn();
  const second = vi.fn();
  render(
    <>
      <LineChart label="Accuracy" lines={LINES} sync="job" onRange={first} />
      <LineChart label="Loss" lines={LINES} sync="job" onRange={second} />
    </>,
  );

  fireEvent.keyDown(chartAt(0), { key: "+" });
  act(() => void vi.advanceTimersByTime(100));
  fireEvent.keyDown(chartAt(1), { key: "+" });
  act(() => void vi.advanceTimersByTime(300));

  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledOnce();
});

test("the caller's range has the last word", () => {
  const { rerender } = render(
    <LineChart label="Accuracy" lines={LINES} range={{ from: 100, to: 200 }} />,
  );
  expect(screen.getByRole("button", { name: "Show all" })).toBeTruthy();

  rerender(<LineChart label="Accuracy" lines={LINES} range={null} />);

  expect(screen.queryByRole("button", { name: "Show all" })).toBeNull();
});

test("without points it says so", () => {
  render(<LineChart label="Accuracy" lines={[]} empty="After the first epoch." />);

  expect(screen.getByText("After the first epoch.")).toBeTruthy();
  expect(screen.queryByRole("application")).toBeNull();
});
