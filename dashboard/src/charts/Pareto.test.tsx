import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { type Budgets, Pareto, type ParetoPoint } from "./Pareto";

afterEach(cleanup);

const POINTS: ParetoPoint[] = [
  { id: "t", label: "teacher", kind: "teacher", cost: 16, worth: 0.92 },
  { id: "s", label: "student", kind: "student", cost: 0.8, worth: 0.9 },
  { id: "b", label: "baseline", kind: "baseline", cost: 0.9, worth: 0.86 },
];

function Sample({ first, onOpen }: { first: Budgets; onOpen?: (point: ParetoPoint) => void }) {
  const [budgets, setBudgets] = useState(first);
  return (
    <Pareto
      label="Worth"
      points={POINTS}
      costName="MB"
      worthName="top-1"
      budgets={budgets}
      onBudgets={setBudgets}
      onOpen={onOpen}
    />
  );
}

const NONE: Budgets = { cost: null, worth: null };

test("it says how many are on the front and within the budgets", () => {
  render(<Sample first={{ cost: 1, worth: null }} />);

  expect(screen.getByRole("status").textContent).toBe("2 of 3 on the front; 2 within the budgets");
});

test("arrow keys move a budget, and Delete takes it away", () => {
  render(<Sample first={NONE} />);
  const slider = screen.getByRole("slider", { name: "Highest MB" });
  expect(slider.getAttribute("aria-valuetext")).toBe("none");

  fireEvent.keyDown(slider, { key: "ArrowLeft", shiftKey: true });
  const once = Number(slider.getAttribute("aria-valuenow"));
  fireEvent.keyDown(slider, { key: "ArrowLeft" });
  const twice = Number(slider.getAttribute("aria-valuenow"));

  expect(once).toBeLessThan(16 * 1.6);
  expect(twice).toBeLessThan(once);

  fireEvent.keyDown(slider, { key: "Delete" });
  expect(slider.getAttribute("aria-valuetext")).toBe("none");
});

test("the lowest worth grows upwards", () => {
  render(<Sample first={NONE} />);
  const slider = screen.getByRole("slider", { name: "Lowest top-1" });

  fireEvent.keyDown(slider, { key: "ArrowUp", shiftKey: true });
  const low = Number(slider.getAttribute("aria-valuenow"));
  fireEvent.keyDown(slider, { key: "ArrowUp" });

  expect(Number(slider.getAttribute("aria-valuenow"))).toBeGreaterThan(low);
});

test("a point says itself when it has the focus, and opens by Enter", () => {
  const onOpen = vi.fn();
  render(<Sample first={NONE} onOpen={onOpen} />);
  const point = screen.getByRole("button", { name: /^student/ });

  fireEvent.focus(point);
  fireEvent.keyDown(point, { key: "Enter" });

  expect(screen.getByRole("status").textContent).toBe("student: 90.00% at 0.800, on the front");
  expect(onOpen).toHaveBeenCalledWith(POINTS[1]);
});

test("the table says the same", () => {
  render(<Sample first={NONE} />);

  const row = within(screen.getByRole("table")).getByRole("row", { name: /baseline/ });

  expect(row.textContent).toBe("baseline86.00%0.900no");
});
