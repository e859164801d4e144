import { useState } from "react";
import { Button, IconButton } from "@/look/Button";
import { Dialog } from "@/look/Dialog";
import { Field } from "@/look/Field";
import { DownloadIcon, PlusIcon, RefreshIcon, TrashIcon } from "@/look/icons";
import {
  Checkbox,
  described,
  NumberInput,
  Segments,
  Select,
  Switch,
  TextArea,
  TextInput,
} from "@/look/inputs";
import { Menu } from "@/look/Menu";
import { Section } from "@/look/Page";
import { useToasts } from "@/look/Toasts";
import { Tooltip } from "@/look/Tooltip";
import styles from "./gallery.module.css";

export function Controls() {
  return (
    <div className={styles.stack}>
      <Buttons />
      <Fields />
      <Overlays />
    </div>
  );
}

function Buttons() {
  return (
    <Section title="Buttons" note="One primary button in a view; danger asks before it acts.">
      {(["normal", "small"] as const).map((size) => (
        <div key={size} className={styles.row}>
          <Button kind="primary" size={size}>
            <PlusIcon /> New job
          </Button>
          <Button size={size}>Clone</Button>
          <Button kind="quiet" size={size}>
            Show all
          </Button>
          <Button kind="danger" size={size}>
            Cancel job
          </Button>
          <Button size={size} disabled>
            Disabled
          </Button>
          <Button kind="primary" size={size} disabled>
            Disabled
          </Button>
          <Button kind="primary" size={size} busy>
            Submitting
          </Button>
          <Button size={size} busy>
            Saving
          </Button>
        </div>
      ))}
      <div className={styles.row}>
        <IconButton label="Refresh" icon={<RefreshIcon />} />
        <IconButton label="Download" icon={<DownloadIcon />} />
        <IconButton label="Delete" icon={<TrashIcon />} disabled />
      </div>
    </Section>
  );
}

function Fields() {
  const [segment, setSegment] = useState<"minutes" | "hours" | "days">("hours");
  return (
    <Section title="Fields">
      <div className={styles.grid}>
        <Field label="Name" help="What people call it." required>
          {(ids) => <TextInput {...described(ids)} defaultValue="fashion-mnist-kd" />}
        </Field>
        <Field
          label="Temperature"
          error="Must be greater than 0."
          hint="Most papers take 1 to 8."
          help="How soft the answers of both are made."
        >
          {(ids) => <NumberInput {...described(ids)} defaultValue={-1} step={0.5} />}
        </Field>
        <Field label="Student">
          {(ids) => (
            <Select {...described(ids)}>
              <option>resnet8x4</option>
              <option>mobilenetv2_100 with a name that is far too long for its box</option>
            </Select>
          )}
        </Field>
        <Field label="Checkpoint" help="Nothing else is allowed here.">
          {(ids) => <TextInput {...described(ids)} disabled value="art_06earhkqg1quh" readOnly />}
        </Field>
        <Field label="Digest">
          {(ids) => <TextInput {...described(ids)} readOnly value="sha256:94f1c0" />}
        </Field>
        <Field label="Notes" help="Shown to everybody who can see the job.">
          {(ids) => <TextArea {...described(ids)} placeholder="Why this one" />}
        </Field>
      </div>
      <div className={styles.row}>
        <Checkbox label="Train a baseline" defaultChecked />
        <Checkbox label="Look at the test split" />
        <Checkbox label="Disabled" disabled />
        <Switch label="Logarithmic" defaultChecked />
        <Switch label="Deterministic" />
        <Switch label="Disabled" disabled />
        <Segments
          label="Unit"
          value={segment}
          onChange={setSegment}
          options={[
            { value: "minutes", title: "Minutes" },
            { value: "hours", title: "Hours" },
            { value: "days", title: "Days" },
          ]}
        />
      </div>
    </Section>
  );
}

function Overlays() {
  const [open, setOpen] = useState(false);
  const { say, warn } = useToasts();
  const items = [
    { id: "clone", title: "Clone", onSelect: () => say("The form holds a copy of the job.") },
    { id: "pause", title: "Pause", disabled: true, onSelect: () => {} },
    { id: "cancel", title: "Cancel job", danger: true, onSelect: () => setOpen(true) },
  ];
  return (
    <Section title="Dialogs, menus and messages">
      <div className={styles.row}>
        <Button onClick={() => setOpen(true)}>Open a dialog</Button>
        <Menu label="Actions of this job" items={items} />
        <Menu label="More actions" trigger="More" items={items} />
        <Button onClick={() => say("The job is cancelled.")}>Say</Button>
        <Button
          onClick={() =>
            warn("The service did not answer.", "It is asked again in 20 s; nothing is lost.")
          }
        >
          Warn
        </Button>
        <Tooltip text="Student less the same student trained on labels alone.">
          <Button kind="quiet">KD gain</Button>
        </Tooltip>
      </div>
      <Dialog
        title="Cancel fashion-mnist-kd?"
        open={open}
        onClose={() => setOpen(false)}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Keep it running</Button>
            <Button kind="danger" onClick={() => setOpen(false)}>
              Cancel job
            </Button>
          </>
        }
      >
        <p>Its worker is told to stop after the step it is at. What was trained so far is kept.</p>
      </Dialog>
    </Section>
  );
}
