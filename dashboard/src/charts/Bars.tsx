import { type ReactNode, useState } from "react";
import { Button } from "@/look/Button";
import { count } from "@/look/format";
import { Segments } from "@/look/inputs";
import { BarRow, type BarScale } from "./BarRow";
import styles from "./Bars.module.css";

export interface Bar {
  id: string;
  label: string;
  value: number;
  /** What it is held against: a mark on the bar. */
  reference?: number | undefined;
}

export interface BarsProps {
  label: string;
  note?: ReactNode;
  bars: readonly Bar[];
  format?: ((value: number) => string) | undefined;
  /** What a full bar is; without it the largest value. */
  full?: number | undefined;
  empty?: ReactNode;
}

type Order = "given" | "largest" | "smallest";

const ORDERS = [
  { value: "given", title: "By class" },
  { value: "largest", title: "Largest" },
  { value: "smallest", title: "Smallest" },
] as const;

const AT_FIRST = 20;
const MORE = 200;

/** A bar for each class; a table, so that it says in numbers what it draws. */
export function Bars({
  label,
  note,
  bars,
  format = count,
  full,
  empty = "No classes.",
}: BarsProps) {
  const [order, setOrder] = useState<Order>("given");
  const [shown, setShown] = useState(AT_FIRST);
  const sorted = inOrder(bars, order);
  const scale = scaleOf(bars, full);
  return (
    <figure className={styles.frame}>
      <figcaption className={styles.header}>
        <div className={styles.words}>
          <h3 className={styles.title} title={label}>
            {label}
          </h3>
          {note !== undefined && <p className={styles.note}>{note}</p>}
        </div>
        {bars.length > 2 && (
          <Segments label="Order" options={ORDERS} value={order} onChange={setOrder} />
        )}
      </figcaption>
      {bars.length === 0 ? (
        <p className={styles.empty}>{empty}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
        <section className={styles.scroller} tabIndex={0} aria-label={label}>
          <table className={styles.table} aria-label={label}>
            <tbody>
              {sorted.slice(0, shown).map((bar) => (
                <BarRow key={bar.id} bar={bar} scale={scale} format={format} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {sorted.length > shown && (
        <Button kind="quiet" size="small" onClick={() => setShown(shown + MORE)}>
          Show more: {count(sorted.length - shown)} classes are left
        </Button>
      )}
    </figure>
  );
}

function inOrder(bars: readonly Bar[], order: Order): readonly Bar[] {
  switch (order) {
    case "given":
      return bars;
    case "largest":
      return bars.toSorted((a, b) => b.value - a.value);
    case "smallest":
      return bars.toSorted((a, b) => a.value - b.value);
  }
}

/** Where zero is, and how much a whole width is worth. */
function scaleOf(bars: readonly Bar[], full: number | undefined): BarScale {
  let low = 0;
  let high = full ?? 0;
  for (const { value, reference } of bars) {
    low = Math.min(low, value, reference ?? 0);
    high = Math.max(high, value, reference ?? 0);
  }
  return { low, span: high - low || 1 };
}
