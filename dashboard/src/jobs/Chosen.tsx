import { ButtonLink } from "@/app/ButtonLink";
import { JOBS_AT_MOST } from "@/compare/search";
import styles from "@/jobs/jobs.module.css";
import { Button } from "@/look/Button";
import { CompareIcon } from "@/look/icons";

/** What to do with the rows that are ticked. */
export function Chosen({ ids, onClear }: { ids: ReadonlySet<string>; onClear: () => void }) {
  if (ids.size === 0) return null;
  const isTooMany = ids.size > JOBS_AT_MOST;
  return (
    <>
      <Button kind="quiet" onClick={onClear}>
        {ids.size} selected · clear
      </Button>
      {isTooMany ? (
        <span className={styles.faint}>At most {JOBS_AT_MOST} are compared</span>
      ) : (
        <ButtonLink to={`/compare?jobs=${[...ids].join(",")}`}>
          <CompareIcon /> Compare them
        </ButtonLink>
      )}
    </>
  );
}
