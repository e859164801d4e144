import { useQueryClient } from "@tanstack/react-query";
import { answeredAt, useIsUp } from "@/api/connection";
import styles from "@/app/Shell.module.css";
import { Button } from "@/look/Button";
import { Notice } from "@/look/Notice";
import { Relative } from "@/look/Relative";

/** Says that what is on the screen is old, for as long as it is. */
export function ConnectionNotice() {
  const isUp = useIsUp();
  const queries = useQueryClient();
  if (isUp) return null;
  const since = answeredAt();
  return (
    <div className={styles.notice}>
      <Notice
        tone="warn"
        title="Stillhouse does not answer"
        hint="This page goes on trying; jobs go on without it."
        action={
          <Button size="small" onClick={() => void queries.refetchQueries({ type: "active" })}>
            Try now
          </Button>
        }
      >
        {since !== null && (
          <>
            What you see may be old: it answered last{" "}
            <Relative at={new Date(since).toISOString()} />.
          </>
        )}
      </Notice>
    </div>
  );
}
