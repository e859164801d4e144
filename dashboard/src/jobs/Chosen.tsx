import { ButtonLink } from "@/app/ButtonLink";
import styles from "@/jobs/jobs.module.css";
import { Button } from "@/look/Button";
import { CompareIcon } from "@/look/icons";

const COMPARED_AT_MOST = 8;

/** What to do with the rows that are ticked. */
export function Chosen({ ids, onClear }: { ids: ReadonlySet<string>; onClear: () => void }) {
  if (ids.size === 0) return null;
  const isTooMany = ids.size > COMPARED_AT_MOST;
  return (
    <>
      <Button kind="quiet" onClick={onClear}>
        {ids.size} selected · clear
      </Button>
      {isTooMany ? (
        <span className={styles.faint}>At most {COMPARED_AT_MOST} are compared</span>
      ) : (
        <ButtonLink to={`/compare?jobs=${[...ids].join(",")}`}>
          <CompareIcon /> Compare these
        </ButtonLink>
      )}
    </>
  );
}
