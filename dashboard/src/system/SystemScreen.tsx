import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "@/look/Page";
import { Tabs } from "@/look/Tabs";
import { Allowed } from "./Allowed";
import { KeysTab } from "./keys/KeysTab";
import { QueueTab } from "./QueueTab";
import { StorageTab } from "./StorageTab";
import type { SystemTab } from "./search";
import styles from "./system.module.css";
import { WorkersTab } from "./WorkersTab";

const TABS: readonly { id: SystemTab; title: string }[] = [
  { id: "workers", title: "Workers" },
  { id: "queue", title: "Queue" },
  { id: "storage", title: "Storage" },
  { id: "keys", title: "Keys" },
];

export function SystemScreen() {
  const { tab = "workers" } = useSearch({ from: "/system" });
  const navigate = useNavigate({ from: "/system" });
  return (
    <Page title="System">
      <Tabs
        label="About this service"
        tabs={TABS}
        current={tab}
        onChange={(next) => {
          const found = TABS.find(({ id }) => id === next);
          if (found) void navigate({ search: { tab: found.id }, replace: true });
        }}
      >
        <div className={styles.panel}>{panelOf(tab)}</div>
      </Tabs>
    </Page>
  );
}

function panelOf(tab: SystemTab): ReactNode {
  switch (tab) {
    case "workers":
      return (
        <Allowed scope="jobs:read" what="the workers">
          <WorkersTab />
        </Allowed>
      );
    case "queue":
      return (
        <Allowed scope="jobs:read" what="the queue">
          <QueueTab />
        </Allowed>
      );
    case "storage":
      return (
        <Allowed scope="jobs:read" what="what is stored">
          <StorageTab />
        </Allowed>
      );
    case "keys":
      return <KeysTab />;
  }
}
