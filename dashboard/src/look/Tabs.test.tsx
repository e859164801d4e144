import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { Tabs } from "./Tabs";

afterEach(cleanup);

const TABS = [
  { id: "one", title: "One" },
  { id: "two", title: "Two" },
  { id: "three", title: "Three", badge: 3 },
];

function Sample() {
  const [current, setCurrent] = useState("one");
  return (
    <Tabs label="Numbers" tabs={TABS} current={current} onChange={setCurrent}>
      panel of {current}
    </Tabs>
  );
}

test("arrow keys go round, and the panel follows", () => {
  render(<Sample />);
  const tab = (name: RegExp) => screen.getByRole("tab", { name });

  fireEvent.keyDown(tab(/One/), { key: "ArrowLeft" });

  expect(document.activeElement).toBe(tab(/Three/));
  expect(screen.getByRole("tabpanel").textContent).toBe("panel of three");

  fireEvent.keyDown(tab(/Three/), { key: "ArrowRight" });

  expect(tab(/One/).getAttribute("aria-selected")).toBe("true");
});

test("only the current tab is on the way of the tab key", () => {
  render(<Sample />);

  fireEvent.click(screen.getByRole("tab", { name: "Two" }));

  expect(screen.getAllByRole("tab").map((tab) => tab.tabIndex)).toEqual([-1, 0, -1]);
});
