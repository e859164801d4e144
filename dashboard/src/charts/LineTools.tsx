import { Button, IconButton } from "@/look/Button";
import { MinusIcon, PlusIcon } from "@/look/icons";
import { Switch } from "@/look/inputs";
import styles from "./LineChart.module.css";
import type { Range } from "./lines";
import { zoomed } from "./range";

interface LineToolsProps {
  /** Where the cursor is. */
  reading: string;
  bounds: Range;
  view: Range | null;
  onMove: (view: Range | null) => void;
  /** Undefined where it is not offered. */
  logarithmic: boolean | undefined;
  onLogarithmic: (on: boolean) => void;
}

export function LineTools({
  reading,
  bounds,
  view,
  onMove,
  logarithmic,
  onLogarithmic,
}: LineToolsProps) {
  const shown = view ?? bounds;
  const zoom = (factor: number) =>
    onMove(zoomed(shown, factor, (shown.from + shown.to) / 2, bounds));
  return (
    <div className={styles.tools}>
      <span className={styles.reading}>{reading}</span>
      {view !== null && (
        <Button kind="quiet" size="small" onClick={() => onMove(null)}>
          Show all
        </Button>
      )}
      {logarithmic !== undefined && (
        <Switch
          label="log"
          checked={logarithmic}
          onChange={(event) => onLogarithmic(event.target.checked)}
        />
      )}
      <IconButton
        label="Zoom out"
        icon={<MinusIcon size={14} />}
        disabled={view === null}
        onClick={() => zoom(2)}
      />
      <IconButton label="Zoom in" icon={<PlusIcon size={14} />} onClick={() => zoom(0.5)} />
    </div>
  );
}
