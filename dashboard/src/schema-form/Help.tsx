import type { ReactNode } from "react";
import { descriptionOf, exampleOf, inWords, rangeWords } from "./facts";
import styles from "./form.module.css";
import { type SchemaNode, shapeOf } from "./shape";

/** What a place means, what may stand there, and an example; null where there is nothing to say. */
export function helpOf(node: SchemaNode): ReactNode {
  const words = descriptionOf(node);
  const range = rangeOf(node);
  const example = exampleOf(node);
  if (words === "" && range === "" && example === undefined) return null;
  return (
    <>
      {words}
      <RangeWords node={node} />
      {example !== undefined && <span className={styles.range}> e.g. {inWords(example)}</span>}
    </>
  );
}

export function RangeWords({ node }: { node: SchemaNode }) {
  const range = rangeOf(node);
  return range === "" ? null : <span className={styles.range}> {range}</span>;
}

/** The numbers, or how many items or letters, that are allowed. */
function rangeOf(node: SchemaNode): string {
  const shape = shapeOf(node);
  switch (shape.type) {
    case "number":
      return rangeWords(shape.range);
    case "list":
      return shape.places === null ? rangeWords(shape.lengths, "items") : "";
    case "map":
      return shape.most === null ? "" : `at most ${shape.most} pairs`;
    case "nullable":
      return rangeOf(shape.inner);
    default:
      return "";
  }
}
