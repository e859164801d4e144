import { useState } from "react";
import { Button, IconButton } from "@/look/Button";
import { CrossIcon } from "@/look/icons";
import { TextInput } from "@/look/inputs";
import { Control, isScalar } from "./Control";
import { blank } from "./fits";
import styles from "./form.module.css";
import { Group, ProblemsHere } from "./Group";
import { asObject, below, type Json, type JsonObject, same } from "./json";
import type { PlaceProps } from "./place";
import { SchemaField } from "./SchemaField";
import { type SchemaNode, type Shape, shapeOf } from "./shape";

type Props = PlaceProps & { shape: Extract<Shape, { type: "map" }> };
type Pair = readonly [key: string, value: Json | undefined];

/** Pairs of a name and a value. A pair without a name, or with one that stands twice, is not sent. */
export function MapField({ shape, ...place }: Props) {
  const { node, label, pointer, value, inherited, beside, headed, onChange } = place;
  const shown = asObject(value === undefined ? inherited : value);
  const [typed, setTyped] = useState<readonly Pair[]>([]);
  const pairs = same(objectOf(typed), shown) ? typed : Object.entries(shown);
  const write = (next: readonly Pair[]) => {
    setTyped(next);
    const object = objectOf(next);
    const nothing = Object.keys(object).length === 0 && same(inherited ?? {}, {});
    onChange(nothing || same(object, inherited) ? undefined : object);
  };
  return (
    <Group node={node} label={label} pointer={pointer} beside={beside} headed={headed ?? false}>
      <ul className={styles.pairs}>
        {pairs.map((pair, index) => (
          <PairRow
            // biome-ignore lint/suspicious/noArrayIndexKey: its name changes with every letter
            key={index}
            pair={pair}
            twice={pairs.findIndex(([key]) => key === pair[0]) !== index}
            spoken={`${label} ${index + 1}`}
            pointer={below(pointer, pair[0])}
            node={shape.values}
            onChange={(changed) => write(pairs.with(index, changed))}
            onRemove={() => write(pairs.toSpliced(index, 1))}
          />
        ))}
      </ul>
      <div className={styles.buttons}>
        <Button
          size="small"
          disabled={shape.most !== null && pairs.length >= shape.most}
          onClick={() => write([...pairs, ["", blank(shape.values)]])}
        >
          Add to {label.toLowerCase()}
        </Button>
      </div>
    </Group>
  );
}

function objectOf(pairs: readonly Pair[]): JsonObject {
  const found: Record<string, Json> = {};
  for (const [key, value] of pairs) {
    if (key !== "" && !Object.hasOwn(found, key)) found[key] = value ?? "";
  }
  return found;
}

interface RowProps {
  pair: Pair;
  twice: boolean;
  spoken: string;
  pointer: string;
  node: SchemaNode;
  onChange: (pair: Pair) => void;
  onRemove: () => void;
}

function PairRow({ pair, twice, spoken, pointer, node, onChange, onRemove }: RowProps) {
  const [key, value] = pair;
  const change = (next: Json | undefined) => onChange([key, next]);
  const place = { node, pointer, value, inherited: undefined, onChange: change };
  return (
    <li className={styles.pair} data-pointer={pointer}>
      <TextInput
        aria-label={`${spoken}: name`}
        aria-invalid={twice}
        autoComplete="off"
        placeholder="name"
        value={key}
        onChange={(event) => onChange([event.target.value, value])}
      />
      {isScalar(shapeOf(node)) ? (
        <Control
          {...place}
          ids={{ id: `value${pointer}`, invalid: false }}
          spoken={`${spoken}: value`}
        />
      ) : (
        <SchemaField {...place} label={`${spoken}: value`} required />
      )}
      <IconButton label={`Remove ${spoken}`} icon={<CrossIcon />} onClick={onRemove} />
      {twice && (
        <p className={styles.problems}>
          {key === "" ? "Give it a name." : "This name stands twice; the first one counts."}
        </p>
      )}
      <ProblemsHere pointer={pointer} />
    </li>
  );
}
