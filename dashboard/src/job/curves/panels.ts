/** Which charts a training has: what is measured on one scale stands in one of them. */
import type { MetricSeries } from "@/api/schema";
import type { Colour } from "@/charts/colours";
import type { Line } from "@/charts/LineChart";
import { bytes, number, percent } from "@/look/format";
import { isStudent, isTeacher, parsedName, trainingTitle } from "./names";
import { byPlace, type Term, termTitle } from "./terms";

export interface Panel {
  id: string;
  title: string;
  note?: string;
  lines: Line[];
  format: (value: number) => string;
  /** Offers a logarithmic scale. */
  log?: boolean;
  /** Accuracy: the teacher's is drawn beside it, and the best is marked. */
  isAccuracy?: boolean;
  /** The lines add up to something. */
  isSum?: boolean;
}

export interface Asked {
  training: string;
  terms: readonly Term[];
  firstSeed: number | null;
}

type Kind = Omit<Panel, "lines">;

const KINDS: readonly (Kind & { holds: (measure: string) => boolean })[] = [
  {
    id: "accuracy",
    title: "Accuracy",
    note: "On held-out samples, after each epoch.",
    holds: (measure) => measure === "val/top1" || measure === "val/agreement",
    format: (value) => percent(value, 1),
    isAccuracy: true,
  },
  {
    id: "loss",
    title: "Loss",
    note: "In training the sum of all terms; held out the cross-entropy.",
    holds: (measure) => measure === "train/loss" || measure === "val/loss",
    format: number,
    log: false,
  },
  {
    id: "terms",
    title: "Terms of the loss",
    note: "Each with its weight, as it goes into the sum.",
    holds: (measure) => measure.startsWith("train/term/"),
    format: number,
    log: false,
    isSum: true,
  },
  {
    id: "pulls",
    title: "Pull of each term",
    note: "The norm of its gradient at the logits.",
    holds: (measure) => measure.startsWith("train/term_grad/"),
    format: number,
    log: false,
  },
  {
    id: "rate",
    title: "Learning rate",
    holds: (measure) => measure === "train/lr",
    format: number,
    log: false,
  },
  {
    id: "throughput",
    title: "Throughput",
    note: "Training images a second.",
    holds: (measure) => measure === "train/images_per_s",
    format: number,
  },
  {
    id: "gpu",
    title: "GPU",
    holds: (measure) => /(^|[/_])gpu/.test(measure),
    format: number,
  },
  {
    id: "memory",
    title: "Memory",
    note: "The most that training has held so far.",
    holds: (measure) => measure === "train/peak_mb",
    format: (value) => bytes(value * 1e6),
  },
  {
    id: "gradient",
    title: "Gradient norm",
    note: "Before clipping.",
    holds: (measure) => measure === "train/grad_norm",
    format: number,
    log: false,
  },
  {
    id: "top5",
    title: "Top-5 accuracy",
    holds: (measure) => measure === "val/top5",
    format: (value) => percent(value, 1),
  },
];

export function panelsOf(series: readonly MetricSeries[], asked: Asked): Panel[] {
  const drawn = new Map<string, Panel>();
  const others = new Map<string, Panel>();
  for (const one of inOrder(series)) {
    const name = parsedName(one.name);
    if (name === null) continue;
    const kind = KINDS.find(({ holds }) => holds(name.measure));
    // Another training is here only to be held against this one.
    if (name.training !== asked.training && !kind?.isAccuracy) continue;
    const panel =
      kind === undefined
        ? panelIn(others, { id: name.measure, title: name.measure, format: number })
        : panelIn(drawn, kind);
    panel.lines.push(lineOf(one, name.training, name.measure, asked));
  }
  const accuracy = drawn.get("accuracy");
  if (accuracy !== undefined) accuracy.lines = withFreeColours(accuracy.lines);
  // Of unlabelled data nothing else is known.
  if (accuracy?.lines.every(({ id }) => id.endsWith("val/agreement"))) {
    accuracy.title = "Agreement with the teacher";
    accuracy.isAccuracy = false;
  }
  const known = KINDS.flatMap(({ id }) => drawn.get(id) ?? []);
  return [...known, ...others.values()];
}

function panelIn(panels: Map<string, Panel>, kind: Kind): Panel {
  const { id, title, note, format, log, isAccuracy, isSum } = kind;
  const panel = panels.get(id) ?? {
    ...{ id, title, format, lines: [] },
    ...(note !== undefined && { note }),
    ...(log !== undefined && { log }),
    ...(isAccuracy !== undefined && { isAccuracy }),
    ...(isSum !== undefined && { isSum }),
  };
  panels.set(id, panel);
  return panel;
}

/** The training that was asked for before the others, and terms by their place in the loss. */
function inOrder(series: readonly MetricSeries[]): MetricSeries[] {
  const key = ({ name }: MetricSeries) => {
    const { training = "", measure = name } = parsedName(name) ?? {};
    return { training, term: /\/term(?:_grad)?\/(.*)/.exec(measure)?.[1], measure };
  };
  return series.toSorted((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a.term !== undefined && b.term !== undefined) return byPlace(a.term, b.term);
    return a.training.length - b.training.length || before(a.measure) - before(b.measure);
  });
}

const FIRST = ["val/top1", "val/agreement", "train/loss", "val/loss"];

function before(measure: string): number {
  const place = FIRST.indexOf(measure);
  return place === -1 ? FIRST.length : place;
}

function lineOf(one: MetricSeries, training: string, measure: string, asked: Asked): Line {
  const colour = colourOf(training, measure, asked);
  return {
    id: one.name,
    label: labelOf(training, measure, asked),
    steps: one.steps,
    values: one.values,
    ...(colour !== undefined && { colour }),
  };
}

function labelOf(training: string, measure: string, { training: mine, ...asked }: Asked): string {
  if (measure === "val/top1") return `${trainingTitle(training, asked.firstSeed)} top-1`;
  const term = /^train\/term(?:_grad)?\/(.*)$/.exec(measure)?.[1];
  // The terms of a specification are those of its student.
  if (term !== undefined) return termTitle(term, isStudent(mine) ? asked.terms : []);
  switch (measure) {
    case "val/agreement":
      return "agrees with the teacher";
    case "train/loss":
      return "training";
    case "val/loss":
      return "held out";
    case "train/images_per_s":
      return "images/s";
    case "train/lr":
      return "learning rate";
    case "train/grad_norm":
      return "norm";
    case "train/peak_mb":
      return "peak";
    default:
      return measure.replace(/^(train|val)\//, "");
  }
}

/** The models keep their colours. */
function colourOf(training: string, measure: string, asked: Asked): Colour | undefined {
  switch (measure) {
    case "val/top1":
      if (training === asked.training) return isTeacher(training) ? "teacher" : "student";
      return training === "training_baseline/" ? "baseline" : undefined;
    case "val/agreement":
      return "onnx";
    case "val/loss":
      return "int8";
    default:
      return undefined;
  }
}

const FREE: readonly Colour[] = ["int8", "sixth", "seventh", "eighth"];

/** Further seeds take colours that no model beside them has. */
function withFreeColours(lines: readonly Line[]): Line[] {
  let taken = 0;
  return lines.map((line) =>
    line.colour === undefined ? { ...line, colour: FREE[taken++ % FREE.length] } : line,
  );
}
