import type { Key } from "@/api/schema";
import { Button } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Notice } from "@/look/Notice";
import { useToasts } from "@/look/toast-queue";
import { useSession } from "@/session/session";
import styles from "../system.module.css";
import { useRevoke } from "./commands";
import { Problem } from "./Problem";

export function RevokeDialog({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const { me } = useSession();
  const { say } = useToasts();
  const revoke = useRevoke(key.id);
  const go = () =>
    revoke.mutate(undefined, {
      onSuccess: () => {
        say(`${key.name} is revoked`);
        onClose();
      },
    });
  return (
    <Dialog
      title="Revoke this key?"
      open
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={revoke.isPending} onClick={go}>
            Revoke it
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <Problem error={revoke.error} />
        <p>
          Whatever uses <strong className={styles.name}>{key.name}</strong> is refused from now on.
          What was made with it stays. There is no way back.
        </p>
        {(key.id === me.key.id || key.id === me.key.parent_id) && (
          <Notice tone="warn" title="This tab is signed in with it, and will be signed out" />
        )}
      </div>
    </Dialog>
  );
}
