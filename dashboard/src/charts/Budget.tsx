import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { classes } from "@/look/classes";
import styles from "./Pareto.module.css";
import type { Scale } from "./scale";

interface BudgetProps {
  name: string;
  along: "x" | "y";
  scale: Scale;
  /** The ends of the line across the other axis. */
  from: number;
  to: number;
  value: number | null;
  format: (value: number) => string;
  onChange: (value: number | null) => void;
}

const STEP_PX = 4;
const LONG_STEP_PX = 40;
const EDGE_PX = 3;

/** A bar that may be moved. It waits at the end of its axis while there is none. */
export function Budget({ name, along, scale, from, to, value, format, onChange }: BudgetProps) {
  const [held, setHeld] = useState(false);
  // Costs are bounded from above, worths from below.
  const parked = scale.at(along === "x" ? scale.high : scale.low);
  const other = scale.at(along === "x" ? scale.low : scale.high);
  const place = value === null ? parked : between(scale.at(value), parked, other);

  function moveTo(next: number) {
    const inside = between(next, parked, other);
    onChange(Math.abs(inside - parked) < EDGE_PX ? null : scale.valueAt(inside));
  }

  function drag(event: PointerEvent<SVGGElement>) {
    const drawing = event.currentTarget.ownerSVGElement;
    if (!held || drawing === null) return;
    const edge = drawing.getBoundingClientRect();
    moveTo(along === "x" ? event.clientX - edge.left : event.clientY - edge.top);
  }

  function steer(event: KeyboardEvent) {
    const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
    // The place grows to the right and downwards, worths grow upwards.
    const up = along === "x" ? step : -step;
    const to = {
      ArrowRight: place + up,
      ArrowUp: place + up,
      ArrowLeft: place - up,
      ArrowDown: place - up,
      Home: scale.at(scale.low),
      End: scale.at(scale.high),
      Delete: parked,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  }

  const text = value === null ? "none" : format(value);
  return (
    <g
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-orientation={along === "x" ? "horizontal" : "vertical"}
      aria-valuemin={scale.low}
      aria-valuemax={scale.high}
      aria-valuenow={value ?? (along === "x" ? scale.high : scale.low)}
      aria-valuetext={text}
      className={classes(styles.budget, styles[along], value === null && styles.parked)}
      transform={along === "x" ? `translate(${place} 0)` : `translate(0 ${place})`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setHeld(true);
      }}
      onPointerMove={drag}
      onPointerUp={() => setHeld(false)}
      onPointerCancel={() => setHeld(false)}
      onKeyDown={steer}
    >
      {along === "x" ? (
        <Across x1={0} x2={0} y1={from} y2={to} />
      ) : (
        <Across x1={from} x2={to} y1={0} y2={0} />
      )}
      <Handle
        along={along}
        from={from}
        to={to}
        text={text}
        nearEnd={Math.abs(place - parked) < 90}
      />
    </g>
  );
}

function between(place: number, one: number, other: number): number {
  return Math.min(Math.max(place, Math.min(one, other)), Math.max(one, other));
}

function Across(ends: { x1: number; x2: number; y1: number; y2: number }) {
  return (
    <>
      <line className={styles.grip} {...ends} />
      <line className={styles.bar} {...ends} />
    </>
  );
}

interface HandleProps {
  along: "x" | "y";
  from: number;
  to: number;
  text: string;
  nearEnd: boolean;
}

function Handle({ along, from, to, text, nearEnd }: HandleProps) {
  const said = `${along === "x" ? "at most" : "at least"} ${text}`;
  if (along === "x")
    return (
      <g transform={`translate(0 ${from})`}>
        <path className={styles.handle} d="M-6 0h12v8l-6 6-6-6z" />
        <text
          className={styles.budgetText}
          x={nearEnd ? -10 : 10}
          y={11}
          textAnchor={nearEnd ? "end" : "start"}
        >
          {text === "none" ? "no highest" : said}
        </text>
      </g>
    );
  return (
    <g transform={`translate(${to} 0)`}>
      <path className={styles.handle} d="M0-6v12h-8l-6-6 6-6z" />
      <text className={styles.budgetText} x={-18} y={-5} textAnchor="end">
        {text === "none" ? "no lowest" : said}
      </text>
    </g>
  );
}
