import { useState } from "react";
import type { Dataset, DatasetVersion } from "@/api/schema";
import { Bars } from "@/charts/Bars";
import { CheckChip } from "@/library/CheckChip";
import { Findings } from "@/library/Findings";
import { dataFacts } from "@/library/facts";
import styles from "@/library/library.module.css";
import { NewVersion } from "@/library/NewVersion";
import { Opened } from "@/library/Opened";
import type { ShelfProps } from "@/library/shelf";
import { Button } from "@/look/Button";
import { Copyable } from "@/look/Copyable";
import { Dialog } from "@/look/Dialog";
import { Facts } from "@/look/Facts";
import { Field } from "@/look/Field";
import { bytes, count } from "@/look/format";
import { described, Select } from "@/look/inputs";
import { Relative } from "@/look/Relative";

interface DatasetDetailsProps {
  dataset: Dataset | null;
  onClose: () => void;
  onRemove: ShelfProps["onRemove"];
}

export function DatasetDetails({ dataset, onClose, onRemove }: DatasetDetailsProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [newest] = dataset?.versions ?? [];
  const version = dataset?.versions.find(({ ref }) => ref === chosen) ?? newest;
  const close = () => {
    setChosen(null);
    onClose();
  };
  return (
    <Dialog
      title={dataset?.name ?? ""}
      open={dataset !== null}
      onClose={close}
      footer={
        dataset && (
          <>
            {onRemove && (
              <Button
                kind="danger"
                onClick={() => {
                  close();
                  onRemove({ kind: "datasets", id: dataset.id, name: dataset.name });
                }}
              >
                Delete
              </Button>
            )}
            {version?.state === "ready" && (
              <Opened to={`/new?data=${version.ref}`}>Use in a new job</Opened>
            )}
          </>
        )
      }
    >
      {dataset && version && (
        <div className={styles.details}>
          <Versions dataset={dataset} version={version} onChoose={setChosen} />
          <Details key={version.ref} dataset={dataset} version={version} />
          {onRemove && <NewVersion dataset={dataset} onMade={() => setChosen(null)} />}
        </div>
      )}
    </Dialog>
  );
}

interface VersionsProps {
  dataset: Dataset;
  version: DatasetVersion;
  onChoose: (ref: string) => void;
}

function Versions({ dataset, version, onChoose }: VersionsProps) {
  if (dataset.versions.length < 2) return null;
  return (
    <Field label="Version">
      {(ids) => (
        <Select
          {...described(ids)}
          value={version.ref}
          onChange={({ target }) => onChoose(target.value)}
        >
          {dataset.versions.map(({ ref, version: number, state }) => (
            <option key={ref} value={ref}>
              {number} · {state}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function Details({ dataset, version }: { dataset: Dataset; version: DatasetVersion }) {
  const facts = dataFacts(version);
  const known = (term: string, value: string | null) => (value === null ? [] : [{ term, value }]);
  const items = [
    { term: "State", value: <CheckChip state={version.state} /> },
    ...known("Samples", facts.samples === null ? null : count(facts.samples)),
    ...known("Splits", facts.splits),
    ...known("Classes", facts.labelled === false ? "no labels" : numberOr(facts.classes)),
    ...known("Layout", facts.layout),
    ...known("Images", facts.images),
    ...known("Also there", facts.oddities.join(", ") || null),
    { term: "Size", value: bytes(version.bytes) },
    { term: "Project", value: dataset.project },
    { term: "Added", value: <Relative at={version.created_at} /> },
    { term: "Named as", value: <Copyable text={version.ref} label="name of the version" /> },
    { term: "SHA-256", value: <Copyable text={version.sha256} label="digest" /> },
  ];
  return (
    <>
      <Findings state={version.state} problems={version.problems} warnings={facts.warnings} />
      <Facts items={items} />
      {facts.bars.length > 0 && (
        <Bars
          label="Samples of each class"
          note={
            facts.leftOut > 0 ? `${count(facts.leftOut)} more classes are not shown.` : undefined
          }
          bars={facts.bars}
        />
      )}
    </>
  );
}

function numberOr(number: number | null): string | null {
  return number === null ? null : count(number);
}
