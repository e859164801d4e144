import { useState } from "react";
import type { Loss, Preset } from "@/api/schema";
import { described, Segments, Select } from "@/look/inputs";
import { Section } from "@/look/Page";
import { Skeleton } from "@/look/Skeleton";
import { ProblemsHere } from "@/schema-form/Group";
import { asObject } from "@/schema-form/json";
import type { DraftProps } from "./draft";
import { textIn } from "./draft";
import { type LossWay, lossWay, termsOf } from "./loss";
import { NotAnswered } from "./NotAnswered";
import { PlacedField } from "./PlacedField";
import { useLosses, usePresets } from "./queries";
import { Terms } from "./Terms";

const WAYS: readonly { value: LossWay; title: string; hint: string }[] = [
  {
    value: "paper",
    title: "As in its paper",
    hint: "The sum that the paper of a loss trains with",
  },
  { value: "preset", title: "Preset", hint: "A published configuration" },
  { value: "terms", title: "Own terms", hint: "Any losses, each with its weight" },
];

export function LossSection({ spec, write }: DraftProps) {
  const lossCatalogue = useLosses();
  const presetCatalogue = usePresets();
  const losses = lossCatalogue.data;
  const presets = presetCatalogue.data;
  const [picked, setPicked] = useState<LossWay>(() => lossWay(spec.loss) ?? "paper");
  if (lossCatalogue.isError || presetCatalogue.isError) {
    return (
      <Section title="Loss">
        <NotAnswered queries={[lossCatalogue, presetCatalogue]} />
      </Section>
    );
  }
  if (losses === undefined || presets === undefined) {
    return (
      <Section title="Loss">
        <Skeleton lines={3} />
      </Section>
    );
  }
  const { loss } = spec;
  const way = lossWay(loss) ?? picked;
  const terms = termsOf(loss, losses, presets);
  const go = (next: LossWay) => {
    setPicked(next);
    write("loss", next === "terms" && terms.length > 0 ? terms : undefined);
  };
  return (
    <Section title="Loss" note="What the student is trained by.">
      <Segments label="How the loss is written" options={WAYS} value={way} onChange={go} />
      <ProblemsHere pointer="/loss" />
      {way === "paper" && (
        <Paper
          losses={losses}
          chosen={typeof loss === "string" ? loss : ""}
          onChange={(name) => write("loss", name || undefined)}
        />
      )}
      {way === "preset" && (
        <Presets
          presets={presets.filter(({ kind }) => kind === "loss")}
          chosen={textIn(loss, "preset")}
          onChange={(name) => write("loss", name === "" ? undefined : { preset: name })}
        />
      )}
      {way === "terms" && (
        <Terms
          losses={losses}
          terms={terms}
          onChange={(next) => write("loss", next.length === 0 ? undefined : next.map(asObject))}
        />
      )}
    </Section>
  );
}

interface PaperProps {
  losses: readonly Loss[];
  chosen: string;
  onChange: (name: string) => void;
}

function Paper({ losses, chosen, onChange }: PaperProps) {
  const loss = losses.find(({ kind }) => kind === chosen);
  const help = loss === undefined ? undefined : `${loss.summary} ${loss.use}`;
  return (
    <PlacedField label="Name of the loss" pointer="/loss/kind" help={help} required>
      {(ids) => (
        <Select
          {...described(ids)}
          value={chosen}
          onChange={({ target }) => onChange(target.value)}
        >
          <option value="">Choose…</option>
          {losses.map(({ kind, family }) => (
            <option key={kind} value={kind}>
              {kind} · {family}
            </option>
          ))}
        </Select>
      )}
    </PlacedField>
  );
}

interface PresetsProps {
  presets: readonly Preset[];
  chosen: string;
  onChange: (name: string) => void;
}

function Presets({ presets, chosen, onChange }: PresetsProps) {
  const preset = presets.find(({ name }) => name === chosen);
  const help = preset === undefined ? undefined : `${preset.about} ${preset.source}`;
  return (
    <PlacedField label="Preset of the loss" pointer="/loss/preset" help={help} required>
      {(ids) => (
        <Select
          {...described(ids)}
          value={chosen}
          onChange={({ target }) => onChange(target.value)}
        >
          <option value="">Choose…</option>
          {preset === undefined && chosen !== "" && <option value={chosen}>{chosen}</option>}
          {presets.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </PlacedField>
  );
}
