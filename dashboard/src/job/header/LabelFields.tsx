import { Button, IconButton } from "@/look/Button";
import { CrossIcon, PlusIcon, WarnIcon } from "@/look/icons";
import { TextInput } from "@/look/inputs";
import styles from "./Dialogs.module.css";
import { newPair, type Pair } from "./labels";

const AT_MOST = 16;

interface Props {
  pairs: readonly Pair[];
  onChange: (pairs: Pair[]) => void;
  problem: string | null;
}

export function LabelFields({ pairs, onChange, problem }: Props) {
  const set = (id: number, change: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...change } : pair)));
  return (
    <fieldset className={styles.labels}>
      <legend className={styles.legend}>Labels</legend>
      {pairs.map(({ id, name, value }) => (
        <div key={id} className={styles.label}>
          <TextInput
            aria-label="Name of the label"
            placeholder="team"
            value={name}
            onChange={(event) => set(id, { name: event.target.value })}
          />
          <TextInput
            aria-label={`Value of ${name || "the label"}`}
            placeholder="vision"
            value={value}
            onChange={(event) => set(id, { value: event.target.value })}
          />
          <IconButton
            label={`Take ${name || "the label"} away`}
            icon={<CrossIcon />}
            onClick={() => onChange(pairs.filter((pair) => pair.id !== id))}
          />
        </div>
      ))}
      {problem !== null && (
        <p className={styles.problem} role="alert">
          <WarnIcon size={14} />
          {problem}
        </p>
      )}
      {pairs.length < AT_MOST && (
        <Button size="small" onClick={() => onChange([...pairs, newPair()])}>
          <PlusIcon />
          Add a label
        </Button>
      )}
    </fieldset>
  );
}
