/** The colours of a chart are those of the page; a canvas must be told them as values. */

const TOKENS = [
  "student",
  "int8",
  "onnx",
  "baseline",
  "sixth",
  "seventh",
  "eighth",
  "teacher",
] as const;

export type Colour = (typeof TOKENS)[number];

/** The colour of the nth line, where none was asked for. */
export function colourOf(place: number): Colour {
  return TOKENS[place % TOKENS.length] ?? "student";
}

/** Lines past the fourth are told apart by dashes too. */
export function dashOf(place: number): number[] | undefined {
  return [undefined, [8, 4], [2, 3]][Math.floor(place / 4) % 3];
}

export function asCss(colour: Colour): string {
  return `var(--${colour})`;
}

export interface Palette {
  lines: Record<Colour, string>;
  /** What is below a line, and covers what is behind it. */
  areas: Record<Colour, string>;
  axis: string;
  grid: string;
  ground: string;
  font: string;
}

/** The values that hold now at this element: `light-dark()` is only resolved in a real property. */
export function paletteAt(element: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const value = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const palette = {
    lines: ofEach((colour) => value(asCss(colour))),
    areas: ofEach((colour) => value(`color-mix(in srgb, ${asCss(colour)} 28%, var(--surface))`)),
    axis: value("var(--text-faint)"),
    grid: value("var(--line)"),
    ground: value("var(--surface)"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
  };
  probe.remove();
  return palette;
}

function ofEach(value: (colour: Colour) => string): Record<Colour, string> {
  return {
    student: value("student"),
    int8: value("int8"),
    onnx: value("onnx"),
    baseline: value("baseline"),
    sixth: value("sixth"),
    seventh: value("seventh"),
    eighth: value("eighth"),
    teacher: value("teacher"),
  };
}
