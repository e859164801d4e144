import type { KeyWithToken } from "@/api/schema";
import { Button } from "@/look/Button";
import { Copyable } from "@/look/Copyable";
import { Dialog } from "@/look/Dialog";
import { exactTime } from "@/look/format";
import { Notice } from "@/look/Notice";
import styles from "../system.module.css";

/** The one time that a token is seen. */
export function Token({ made, onClose }: { made: KeyWithToken; onClose: () => void }) {
  const { name, token, previous_valid_until } = made;
  return (
    <Dialog
      title={`The token of ${name}`}
      open
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className={styles.form}>
        <Notice
          tone="warn"
          title="It is shown this once"
          hint="Copy it to where it is used. Whoever loses it rotates the key."
        />
        <Copyable text={token} label="token" block />
        {previous_valid_until !== null && (
          <p>The token before is good until {exactTime(previous_valid_until)}.</p>
        )}
      </div>
    </Dialog>
  );
}
