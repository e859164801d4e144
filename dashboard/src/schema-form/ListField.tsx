import type { ReactNode } from "react";
import { Button, IconButton } from "@/look/Button";
import { CrossIcon } from "@/look/icons";
import { Control, isScalar } from "./Control";
import { blank } from "./fits";
import styles from "./form.module.css";
import { Group, ProblemsHere } from "./Group";
import { below, isJsonList, type Json, same } from "./json";
import type { PlaceProps } from "./place";
import { useProblemsAt } from "./problems";
import { SchemaField } from "./SchemaField";
import { type SchemaNode, type Shape, shapeOf } from "./shape";

type Props = PlaceProps & { shape: Extract<Shape, { type: "list" }> };

/** Items one below the other; scalars beside each other. The first change writes the whole list. */
export function ListField({ shape, ...place }: Props) {
  const { node, label, pointer, value, inherited, beside, headed, onChange } = place;
  const shown = value === undefined ? inherited : value;
  const items = isJsonList(shown) ? shown : [];
  const rows: readonly (Json | undefined)[] = shape.places?.map((_place, at) => items[at]) ?? items;
  const write = (next: readonly (Json | undefined)[]) => {
    const filled = next.map((item) => item ?? null);
    const empty = shape.places !== null && next.every((item) => item === undefined);
    onChange(empty || same(filled, inherited) ? undefined : filled);
  };
  const full = shape.lengths.most !== null && items.length >= shape.lengths.most;
  const nodeAt = (index: number) => shape.places?.[index] ?? shape.items;
  const scalar = isScalar(shapeOf(nodeAt(0)));
  return (
    <Group node={node} label={label} pointer={pointer} beside={beside} headed={headed ?? false}>
      <ul className={scalar ? styles.scalars : styles.cards}>
        {rows.map((item, index) => (
          <Item
            // biome-ignore lint/suspicious/noArrayIndexKey: an item is known by its place alone
            key={index}
            node={nodeAt(index)}
            spoken={`${label} ${index + 1}`}
            pointer={below(pointer, index)}
            value={item}
            onChange={(changed) => write(rows.with(index, changed))}
            onRemove={shape.places === null ? () => write(rows.toSpliced(index, 1)) : undefined}
          />
        ))}
      </ul>
      <div className={styles.buttons}>
        {shape.places === null && (
          <Button size="small" disabled={full} onClick={() => write([...rows, first(shape.items)])}>
            Add {label.toLowerCase()}
          </Button>
        )}
        {value !== undefined && inherited !== undefined && (
          <Button size="small" kind="quiet" onClick={() => onChange(undefined)}>
            Back to the default
          </Button>
        )}
      </div>
    </Group>
  );
}

/** An empty line has no JSON; the service says at its place what belongs there. */
function first(items: SchemaNode): Json {
  return blank(items) ?? (shapeOf(items).type === "flag" ? false : null);
}

interface ItemProps {
  node: SchemaNode;
  spoken: string;
  pointer: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  onRemove: (() => void) | undefined;
}

function Item({ node, spoken, pointer, value, onChange, onRemove }: ItemProps) {
  const remove = onRemove && (
    <IconButton label={`Remove ${spoken}`} icon={<CrossIcon />} onClick={onRemove} />
  );
  if (isScalar(shapeOf(node))) {
    return <ScalarItem {...{ node, spoken, pointer, value, onChange }}>{remove}</ScalarItem>;
  }
  return (
    <li className={styles.card}>
      <SchemaField
        node={node}
        label={spoken}
        pointer={pointer}
        value={value ?? undefined}
        inherited={undefined}
        required
        onChange={onChange}
      />
      {remove}
    </li>
  );
}

function ScalarItem(props: Omit<ItemProps, "onRemove"> & { children: ReactNode }) {
  const { node, spoken, pointer, value, onChange, children } = props;
  const invalid = useProblemsAt(pointer).length > 0;
  return (
    <li className={styles.scalar} data-pointer={pointer}>
      <Control
        node={node}
        ids={{ id: `item${pointer}`, invalid }}
        spoken={spoken}
        value={value ?? undefined}
        inherited={undefined}
        onChange={onChange}
      />
      {children}
      <ProblemsHere pointer={pointer} />
    </li>
  );
}
