import { useState } from "react";
import type { Key } from "@/api/schema";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Field } from "@/look/Field";
import { described, Select } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { useSession } from "@/session/session";
import styles from "../system.module.css";
import { useRotate } from "./commands";
import { Problem } from "./Problem";
import { Token } from "./Token";

const OVERLAPS: readonly { seconds: number; title: string }[] = [
  { seconds: 0, title: "ends at once" },
  { seconds: 3_600, title: "is good for another hour" },
  { seconds: 86_400, title: "is good for another day" },
  { seconds: 604_800, title: "is good for another week" },
];

export function RotateDialog({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const { me } = useSession();
  const [overlap, setOverlap] = useState(3_600);
  const rotate = useRotate(key.id);
  if (rotate.data !== undefined) return <Token made={rotate.data} onClose={onClose} />;
  return (
    <Dialog
      title="Rotate this key?"
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep its token</Button>
          <Button kind="primary" busy={rotate.isPending} onClick={() => rotate.mutate(overlap)}>
            Rotate it
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <Problem error={rotate.error} />
        <p>
          <strong className={styles.name}>{key.name}</strong> gets a new token and stays the same
          key, with its scopes and its project.
        </p>
        <Field label="The token that it has now" help="So long can what uses it be changed over.">
          {(ids) => (
            <Select
              {...described(ids)}
              value={overlap}
              onChange={({ target }) => setOverlap(Number(target.value))}
            >
              {OVERLAPS.map(({ seconds, title }) => (
                <option key={seconds} value={seconds}>
                  {title}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {(key.id === me.key.id || key.id === me.key.parent_id) && overlap === 0 && (
          <Notice tone="warn" title="This tab is signed in with it, and will be signed out" />
        )}
      </div>
    </Dialog>
  );
}
