import { useSyncExternalStore } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { CrossIcon, DoneIcon, WarnIcon } from "./icons";
import styles from "./Toasts.module.css";
import { listen, shownToasts, takeAway } from "./toast-queue";

/** Where short messages appear; once, beside everything else. */
export function Toasts() {
  const toasts = useSyncExternalStore(listen, shownToasts);
  return (
    <section className={styles.shelf} aria-label="Messages" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={classes(styles.toast, styles[toast.tone])}>
          <span className={styles.icon}>{toast.tone === "warn" ? <WarnIcon /> : <DoneIcon />}</span>
          <div className={styles.words}>
            <p>{toast.text}</p>
            {toast.hint && <p className={styles.hint}>{toast.hint}</p>}
          </div>
          <IconButton label="Dismiss" icon={<CrossIcon />} onClick={() => takeAway(toast.id)} />
        </div>
      ))}
    </section>
  );
}

export { useToasts } from "./toast-queue";
