import { type ReactNode, useState } from "react";
import { type Addable, Adding } from "@/library/Adding";
import { Datasets } from "@/library/Datasets";
import { Models } from "@/library/Models";
import type { Doomed } from "@/library/queries";
import { Removal } from "@/library/Removal";
import { type Shelf, shelfOf } from "@/library/search";
import { Uploads } from "@/library/Uploads";
import { Button } from "@/look/Button";
import { PlusIcon } from "@/look/icons";
import { Page } from "@/look/Page";
import { Tabs } from "@/look/Tabs";
import { useMay } from "@/session/session";

const TABS = [
  { id: "models", title: "Models" },
  { id: "datasets", title: "Data sets" },
  { id: "uploads", title: "Uploads" },
] as const;

interface LibraryProps {
  tab: Shelf;
  /** The model or data set whose details are open. */
  open: string | null;
  onGo: (tab: Shelf, open: string | null) => void;
}

export function Library({ tab, open, onGo }: LibraryProps) {
  const may = useMay("data:write");
  const [adding, setAdding] = useState<Addable | null>(null);
  const [doomed, setDoomed] = useState<Doomed | null>(null);
  const add = (what: Addable): ReactNode =>
    may && (
      <Button key={what} kind={what === tab ? "primary" : "plain"} onClick={() => setAdding(what)}>
        <PlusIcon /> {what === "models" ? "Add a model" : "Add a data set"}
      </Button>
    );
  const shelf = { open, onOpen: (id: string | null) => onGo(tab, id) };
  const onRemove = may ? setDoomed : null;
  return (
    <Page title="Library" actions={tab === "uploads" ? [add("models"), add("datasets")] : add(tab)}>
      <Tabs
        label="Shelves"
        tabs={TABS}
        current={tab}
        onChange={(id) => onGo(shelfOf(id) ?? "models", null)}
      >
        {tab === "models" && <Models {...shelf} add={add("models")} onRemove={onRemove} />}
        {tab === "datasets" && <Datasets {...shelf} add={add("datasets")} onRemove={onRemove} />}
        {tab === "uploads" && <Uploads onRemove={onRemove} />}
      </Tabs>
      <Adding
        what={adding}
        onClose={() => setAdding(null)}
        onMade={(what, id) => {
          setAdding(null);
          onGo(what, id);
        }}
      />
      <Removal doomed={doomed} onEnd={() => setDoomed(null)} />
    </Page>
  );
}
