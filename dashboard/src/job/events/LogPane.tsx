import { useMemo, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Job, Level } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { useLog, useLogDownload } from "@/job/log-queries";
import { isOver } from "@/jobs/job";
import { Button } from "@/look/Button";
import { Empty } from "@/look/Empty";
import { count } from "@/look/format";
import { DownloadIcon } from "@/look/icons";
import { Select, Switch, TextInput } from "@/look/inputs";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import styles from "./EventsTab.module.css";
import { LogLines } from "./LogLines";
import { LEVELS, wantedLines } from "./levels";

/** What the processes of a job print, as they print it. */
export function LogPane({ job }: { job: Job }) {
  const log = useLog(job, isOver(job));
  const [level, setLevel] = useState<Level>("debug");
  const [letters, setLetters] = useState("");
  const [follow, setFollow] = useState(true);
  const download = useLogDownload(job);
  const all = log.data?.lines;
  const lines = useMemo(() => wantedLines(all ?? [], level, letters), [all, level, letters]);

  return (
    <Section title="Log" note={all && noteOf(lines.length, all.length)}>
      <div className={styles.tools}>
        <Select
          aria-label="Level"
          className={styles.level}
          value={level}
          onChange={({ target }) =>
            setLevel(LEVELS.find((known) => known === target.value) ?? level)
          }
        >
          {LEVELS.map((known) => (
            <option key={known} value={known}>
              {known === "error" ? "error" : `${known} and above`}
            </option>
          ))}
        </Select>
        <TextInput
          type="search"
          aria-label="Only lines with these letters"
          placeholder="Only lines with…"
          className={styles.search}
          value={letters}
          onChange={({ target }) => setLetters(target.value)}
        />
        <Switch
          label="Follow"
          checked={follow}
          onChange={({ target }) => setFollow(target.checked)}
        />
        <Button busy={download.isPending} onClick={() => download.mutate(level)}>
          <DownloadIcon /> Download
        </Button>
      </div>
      {log.error !== null && all === undefined ? (
        <Refused problem={asProblem(log.error)} onAgain={() => void log.refetch()} />
      ) : all === undefined ? (
        <Skeleton lines={8} height={18} />
      ) : lines.length === 0 ? (
        <Empty title={all.length === 0 ? "Nothing was printed yet" : "No line is like that"} />
      ) : (
        <LogLines lines={lines} follow={follow} onFollow={setFollow} />
      )}
    </Section>
  );
}

function noteOf(shown: number, all: number): string {
  const lines = all === 1 ? "1 line" : `${count(all)} lines`;
  return shown === all ? `${lines}.` : `${count(shown)} of ${lines}.`;
}
