import type { Model } from "@/api/schema";
import { CheckChip } from "@/library/CheckChip";
import { Findings } from "@/library/Findings";
import { modelFacts } from "@/library/facts";
import styles from "@/library/library.module.css";
import { Opened } from "@/library/Opened";
import type { ShelfProps } from "@/library/shelf";
import { Button } from "@/look/Button";
import { Copyable } from "@/look/Copyable";
import { Dialog } from "@/look/Dialog";
import { Facts } from "@/look/Facts";
import { bytes, count } from "@/look/format";
import { Relative } from "@/look/Relative";

interface ModelDetailsProps {
  model: Model | null;
  onClose: () => void;
  onRemove: ShelfProps["onRemove"];
}

export function ModelDetails({ model, onClose, onRemove }: ModelDetailsProps) {
  return (
    <Dialog
      title={model?.name ?? ""}
      open={model !== null}
      onClose={onClose}
      footer={
        model && (
          <>
            {onRemove && (
              <Button
                kind="danger"
                onClick={() => {
                  onClose();
                  onRemove({ kind: "models", id: model.id, name: model.name });
                }}
              >
                Delete
              </Button>
            )}
            {model.state === "ready" && (
              <Opened to={`/new?teacher=${model.id}`}>Use in a new job</Opened>
            )}
          </>
        )
      }
    >
      {model && <Details model={model} />}
    </Dialog>
  );
}

function Details({ model }: { model: Model }) {
  const { classes, parameters, imageSize, opset, producer, warnings } = modelFacts(model);
  const items = [
    { term: "State", value: <CheckChip state={model.state} /> },
    { term: "Architecture", value: model.architecture ?? "an ONNX graph, a whole network" },
    ...(classes === null ? [] : [{ term: "Classes", value: count(classes) }]),
    ...(parameters === null ? [] : [{ term: "Parameters", value: count(parameters) }]),
    ...(imageSize === null
      ? []
      : [{ term: "Image size", value: `${imageSize} × ${imageSize} pixels` }]),
    ...(opset === null ? [] : [{ term: "Opset", value: opset }]),
    ...(producer === null ? [] : [{ term: "Made by", value: producer }]),
    { term: "Size", value: bytes(model.bytes) },
    { term: "Project", value: model.project },
    { term: "Added", value: <Relative at={model.created_at} /> },
    { term: "Id", value: <Copyable text={model.id} label="id" /> },
    { term: "SHA-256", value: <Copyable text={model.sha256} label="digest" /> },
  ];
  return (
    <div className={styles.details}>
      <Findings state={model.state} problems={model.problems} warnings={warnings} />
      <Facts items={items} />
    </div>
  );
}
