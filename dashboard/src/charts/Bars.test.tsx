import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Bars } from "./Bars";

afterEach(cleanup);

function bars(howMany: number) {
  return Array.from({ length: howMany }, (_, place) => ({
    id: String(place),
    label: `class ${place}`,
    value: (place * 7) % 11,
  }));
}

const names = () => screen.getAllByRole("rowheader").map((head) => head.textContent);

test("the bars can be ordered by what they say", () => {
  render(<Bars label="Samples" bars={bars(4)} />);
  expect(names()).toEqual(["class 0", "class 1", "class 2", "class 3"]);

  fireEvent.click(screen.getByRole("radio", { name: "Largest" }));
  expect(names()).toEqual(["class 3", "class 1", "class 2", "class 0"]);

  fireEvent.click(screen.getByRole("radio", { name: "Smallest" }));
  expect(names()[0]).toBe("class 0");
});

test("of many classes the first are shown, and more when asked for", () => {
  render(<Bars label="Samples" bars={bars(1000)} />);
  expect(names()).toHaveLength(20);

  fireEvent.click(screen.getByRole("button", { name: "Show more: 980 classes are left" }));

  expect(names()).toHaveLength(220);
});

test("no classes are said to be none", () => {
  render(<Bars label="Samples" bars={[]} empty="This data has no labels." />);

  expect(screen.getByText("This data has no labels.")).toBeTruthy();
});
