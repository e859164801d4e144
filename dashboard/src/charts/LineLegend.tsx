import { classes } from "@/look/classes";
import { MISSING } from "@/look/format";
import { asCss, type Colour, colourOf, dashOf } from "./colours";
import styles from "./LineLegend.module.css";
import { type Line, lastValue, type ReferenceLine } from "./lines";

export interface Reading {
  step: number;
  /** In the order of the lines. */
  values: readonly (number | null)[];
}

interface LineLegendProps {
  lines: readonly Line[];
  references: readonly ReferenceLine[];
  hidden: ReadonlySet<string>;
  reading: Reading | null;
  format: (value: number) => string;
  onToggle: (id: string) => void;
}

/** The names of the lines, with what they say under the cursor, or last. */
export function LineLegend(props: LineLegendProps) {
  const { lines, references, hidden, reading, format, onToggle } = props;
  const written = (value: number | null) => (value === null ? MISSING : format(value));
  return (
    <ul className={styles.legend}>
      {lines.map((line, place) => {
        const shown = !hidden.has(line.id);
        const value = reading === null ? lastValue(line) : (reading.values[place] ?? null);
        return (
          <li key={line.id} className={styles.entry}>
            <button
              type="button"
              className={classes(styles.item, styles.button, !shown && styles.off)}
              aria-pressed={shown}
              title={shown ? `Hide ${line.label}` : `Show ${line.label}`}
              onClick={() => onToggle(line.id)}
            >
              <Swatch
                colour={line.colour ?? colourOf(place)}
                dash={line.colour === undefined ? dashOf(place) : undefined}
              />
              <span className={styles.name}>{line.label}</span>
              <span className={styles.value}>{shown ? written(value) : "hidden"}</span>
            </button>
          </li>
        );
      })}
      {references.map(({ label, value, colour = "teacher" }) => (
        <li key={label} className={classes(styles.entry, styles.item)} title={label}>
          <Swatch colour={colour} dash={[4, 3]} />
          <span className={styles.name}>{label}</span>
          <span className={styles.value}>{format(value)}</span>
        </li>
      ))}
    </ul>
  );
}

function Swatch({ colour, dash }: { colour: Colour; dash: number[] | undefined }) {
  return (
    <svg className={styles.swatch} width="16" height="10" aria-hidden="true" focusable="false">
      <line
        x1="0"
        x2="16"
        y1="5"
        y2="5"
        strokeWidth="2.5"
        stroke={asCss(colour)}
        strokeDasharray={dash?.join(" ")}
      />
    </svg>
  );
}
