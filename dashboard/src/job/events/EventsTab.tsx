import type { Job } from "@/api/schema";
import { EventList } from "./EventList";
import styles from "./EventsTab.module.css";
import { LogPane } from "./LogPane";

export function EventsTab({ job }: { job: Job }) {
  return (
    <div className={styles.pair}>
      <EventList job={job} />
      <LogPane job={job} />
    </div>
  );
}
