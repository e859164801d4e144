import type { ReactNode } from "react";
import styles from "./Facts.module.css";

export interface FactsProps {
  items: readonly { term: string; value: ReactNode }[];
}

export function Facts({ items }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {items.map(({ term, value }) => (
        <div key={term} className={styles.fact}>
          <dt className={styles.term}>{term}</dt>
          <dd className={styles.value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
