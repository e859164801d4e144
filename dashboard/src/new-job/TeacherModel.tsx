import { useState } from "react";
import { asProblem } from "@/api/problem";
import type { Model, Upload } from "@/api/schema";
import { Field } from "@/look/Field";
import { described, Select, TextInput } from "@/look/inputs";
import { Notice } from "@/look/Notice";
import type { Json, JsonObject } from "@/schema-form/json";
import { useMay } from "@/session/session";
import { UploadBox } from "@/uploads/UploadBox";
import { ArchitectureInput } from "./ArchitectureInput";
import { CheckNotice } from "./CheckNotice";
import { useNewModel } from "./commands";
import { textIn } from "./draft";
import { More } from "./More";
import { plainName } from "./names";
import { PlacedField } from "./PlacedField";
import { useModels } from "./queries";

interface TeacherModelProps {
  teacher: JsonObject;
  set: (member: string, value: Json | undefined) => void;
}

/** One of the models that were uploaded, or a new one. */
export function TeacherModel({ teacher, set }: TeacherModelProps) {
  const models = useModels();
  const may = useMay("data:write");
  const chosen = textIn(teacher, "checkpoint");
  const known = models.data?.data ?? [];
  const model = known.find(({ id }) => id === chosen);
  const usable = known.filter(({ id, state }) => state !== "rejected" || id === chosen);
  const none = models.isSuccess && usable.length === 0;
  return (
    <>
      <PlacedField label="Model" pointer="/teacher/checkpoint" required>
        {(ids) => (
          <Select
            {...described(ids)}
            value={chosen}
            onChange={({ target }) => set("checkpoint", target.value || undefined)}
          >
            <option value="">{none ? "None yet: upload one below" : "Choose…"}</option>
            {chosen !== "" && model === undefined && <option value={chosen}>{chosen}</option>}
            {usable.map((each) => (
              <option key={each.id} value={each.id}>
                {wordsOf(each)}
              </option>
            ))}
          </Select>
        )}
      </PlacedField>
      {model !== undefined && <CheckNotice state={model.state} problems={model.problems} />}
      {may && (
        <More title="Upload a checkpoint" open={none}>
          <NewModelForm onMade={(id) => set("checkpoint", id)} />
        </More>
      )}
    </>
  );
}

function wordsOf({ name, architecture, state }: Model): string {
  const of = architecture === null ? "" : ` · ${architecture}`;
  return `${name}${of}${state === "checking" ? " · being checked" : ""}`;
}

function NewModelForm({ onMade }: { onMade: (id: string) => void }) {
  const [name, setName] = useState("");
  const [architecture, setArchitecture] = useState("");
  const create = useNewModel();
  const make = async ({ id, filename }: Upload) => {
    const graph = isGraph(filename);
    const model = await create.mutateAsync({
      upload: id,
      name: name || plainName(filename),
      architecture: graph ? null : architecture,
      image_size: null,
    });
    onMade(model.id);
  };
  const refuse = (filename: string) =>
    isGraph(filename) || architecture !== ""
      ? null
      : "Say first which architecture the weights are of.";
  const problem = create.error === null ? null : asProblem(create.error);
  return (
    <>
      <Field
        label="Architecture of the weights"
        help="An .onnx graph is a whole network and has none."
      >
        {(ids) => (
          <ArchitectureInput
            {...described(ids)}
            placeholder="resnet18"
            value={architecture}
            onChange={setArchitecture}
          />
        )}
      </Field>
      <Field label="Name of the model">
        {(ids) => (
          <TextInput
            {...described(ids)}
            placeholder="that of the file"
            maxLength={200}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <UploadBox
        kind="model"
        accept=".safetensors,.pt,.pth,.onnx,.zip,.tar"
        refuse={refuse}
        onSent={(upload) => void make(upload).catch(() => undefined)}
      />
      {problem !== null && (
        <Notice
          tone="bad"
          title={problem.detail || problem.title}
          hint={problem.errors[0]?.hint ?? problem.hint}
        />
      )}
    </>
  );
}

function isGraph(filename: string): boolean {
  return filename.toLowerCase().endsWith(".onnx");
}
