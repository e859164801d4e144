import { useMemo, useState } from "react";
import type { Event, Job } from "@/api/schema";
import { Button } from "@/look/Button";
import { Chip } from "@/look/Chip";
import { count, exactTime } from "@/look/format";
import { Switch } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import styles from "./EventsTab.module.css";
import { type Feed, useFeed } from "./feed";
import { isProgress, textOf, titleOf, toneOf } from "./words";

const DRAWN = 100;

/** What happened, the newest first. */
export function EventList({ job }: { job: Job }) {
  const feed = useFeed(job);
  const [withProgress, setWithProgress] = useState(false);
  const [drawn, setDrawn] = useState(DRAWN);
  const shown = useMemo(
    () => feed.events.filter((event) => withProgress || !isProgress(event)).toReversed(),
    [feed.events, withProgress],
  );
  return (
    <Section
      title="Events"
      note={standingOf(feed)}
      actions={
        <Switch
          label="Progress"
          checked={withProgress}
          onChange={({ target }) => setWithProgress(target.checked)}
        />
      }
    >
      <Trouble {...feed} />
      {feed.after === 0 && !feed.refused ? (
        <Skeleton lines={8} height={18} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
        <ol className={styles.events} tabIndex={0} aria-label="Events, the newest first">
          {shown.slice(0, drawn).map((event) => (
            <One key={event.seq} event={event} />
          ))}
        </ol>
      )}
      {shown.length > drawn && (
        <Button size="small" onClick={() => setDrawn(drawn + 5 * DRAWN)}>
          Show older ones ({count(shown.length - drawn)})
        </Button>
      )}
      {feed.swept > 0 && (
        <p className={styles.soft}>{count(feed.swept)} older events were swept away.</p>
      )}
    </Section>
  );
}

function Trouble({ problem, refused }: Feed) {
  if (problem === null) return null;
  return (
    <Notice
      tone={refused ? "bad" : "warn"}
      title={problem.title}
      hint={refused ? problem.wayOut : "It goes on where it was by itself."}
    >
      {problem.detail}
    </Notice>
  );
}

function standingOf({ ended, way, problem, refused }: Feed): string {
  if (ended) return "All of them: the job is over.";
  if (refused) return "Nothing more is heard.";
  if (problem !== null) return "Nothing is heard for now.";
  return way === "stream" ? "Live." : "Live, by asking again and again.";
}

function One({ event }: { event: Event }) {
  const { seq, at, attempt } = event;
  return (
    <li className={styles.event}>
      <time className={styles.time} dateTime={at} title={`${exactTime(at)}, number ${seq}`}>
        {clockTime(at)}
      </time>
      <span className={styles.what}>
        <Chip tone={toneOf(event)} title={attempt > 0 ? `Attempt ${attempt}` : undefined}>
          {titleOf(event)}
        </Chip>
        <span className={styles.text}>{textOf(event)}</span>
      </span>
    </li>
  );
}

export function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB");
}
