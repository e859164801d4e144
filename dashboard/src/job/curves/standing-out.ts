/** What is marked on a chart and said beside it: the best point, and values that were no numbers. */
import type { MetricSeries } from "@/api/schema";
import type { Line, Mark } from "@/charts/LineChart";
import { stepText } from "@/charts/plot-options";
import { count } from "@/look/format";
import type { Panel } from "./panels";

export interface StandingOut {
  notes: string[];
  marks: Mark[];
}

/** A curve that is nothing but gaps has no more to say than its first hundred. */
const MOST_CROSSES = 100;

export function told(panel: Panel, series: readonly MetricSeries[]): StandingOut {
  const notes = panel.note === undefined ? [] : [panel.note];
  const marks: Mark[] = [];
  const best = panel.isAccuracy && panel.lines[0] ? bestOf(panel.lines[0]) : null;
  if (best !== null) {
    marks.push({ kind: "best", ...best });
    notes.push(`Best ${panel.format(best.value)} at step ${stepText(best.step)}, ringed.`);
  }
  const broken = brokenIn(panel.lines, series);
  if (broken.length > 0) {
    for (const { line, step } of broken.slice(0, MOST_CROSSES)) {
      marks.push({ kind: "broken", line, step });
    }
    notes.push(inWords(broken));
  }
  return { notes, marks };
}

interface Best {
  line: string;
  step: number;
  value: number;
}

/** The highest point; the first of equal ones. */
function bestOf(line: Line): Best | null {
  let best: Best | null = null;
  for (const [place, value] of line.values.entries()) {
    const step = line.steps[place];
    if (value === null || step === undefined) continue;
    if (best === null || value > best.value) best = { line: line.id, step, value };
  }
  return best;
}

interface Broken {
  line: string;
  step: number;
  /** nan, inf or -inf. */
  what: string;
}

function brokenIn(lines: readonly Line[], series: readonly MetricSeries[]): Broken[] {
  const drawn = new Set(lines.map(({ id }) => id));
  return series
    .filter(({ name }) => drawn.has(name))
    .flatMap(({ name, steps, nonfinite }) =>
      nonfinite.flatMap((what, place) => {
        const step = steps[place];
        return what === null || step === undefined ? [] : [{ line: name, step, what }];
      }),
    );
}

function inWords(broken: readonly Broken[]): string {
  const kinds = [...new Set(broken.map(({ what }) => what))].sort().join(", ");
  const points = broken.length === 1 ? "1 point was" : `${count(broken.length)} points were`;
  return `${points} no number (${kinds}): a gap, with a cross at the foot.`;
}
