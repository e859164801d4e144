import { useState } from "react";
import type { Flip, Flips } from "@/job/report";
import { Chip, type Tone } from "@/look/Chip";
import { Empty } from "@/look/Empty";
import { count, percent } from "@/look/format";
import { DownIcon, UpIcon } from "@/look/icons";
import { Segments } from "@/look/inputs";
import { Section } from "@/look/Page";
import styles from "./Flips.module.css";

type Kind = Flip["kind"];

interface FlipsSectionProps {
  flips: Flips;
  reference: string;
}

export function FlipsSection({ flips, reference }: FlipsSectionProps) {
  const [kind, setKind] = useState<Kind | "all">("all");
  const kinds = KINDS.filter((one) => flips.shown.some((flip) => flip.kind === one));
  const shown = flips.shown.filter((flip) => kind === "all" || flip.kind === kind);
  return (
    <Section
      title="Answers that changed"
      note={
        flips.differing > flips.shown.length
          ? `${count(flips.shown.length)} of ${count(flips.differing)}: what was lost first, the most decided ahead.`
          : "What was lost first, the most decided ahead."
      }
      actions={
        kinds.length > 1 && (
          <Segments
            label="Kind"
            options={[
              { value: "all", title: "All" },
              ...kinds.map((one) => ({ value: one, title: TITLES[one] })),
            ]}
            value={kind}
            onChange={setKind}
          />
        )
      }
    >
      {flips.shown.length === 0 ? (
        <div className={styles.none}>
          <Empty title="No answer changed">
            The student answers every held-out sample as the {reference} does.
          </Empty>
        </div>
      ) : (
        <ul className={styles.flips}>
          {shown.map((flip) => (
            <Card key={flip.sample} flip={flip} reference={reference} />
          ))}
        </ul>
      )}
    </Section>
  );
}

const KINDS: readonly Kind[] = ["lost", "gained", "both_wrong", "unlabelled"];

const TITLES: Record<Kind, string> = {
  lost: "Lost",
  gained: "Gained",
  both_wrong: "Both wrong",
  unlabelled: "Differs",
};

const TONES: Record<Kind, Tone> = {
  lost: "bad",
  gained: "good",
  both_wrong: "warn",
  unlabelled: "neutral",
};

function Card({ flip, reference }: { flip: Flip; reference: string }) {
  return (
    <li className={styles.flip}>
      <Picture flip={flip} />
      <div className={styles.words}>
        <div className={styles.head}>
          <Chip tone={TONES[flip.kind]} icon={<KindIcon kind={flip.kind} />}>
            {TITLES[flip.kind]}
          </Chip>
          <span className={styles.sample} title={flip.sample}>
            {flip.sample}
          </span>
        </div>
        <dl className={styles.said}>
          {flip.true != null && <Said by="true" answer={flip.true} />}
          <Said by={reference} {...flip.reference} />
          <Said by="student" {...flip.student} />
        </dl>
      </div>
    </li>
  );
}

function KindIcon({ kind }: { kind: Kind }) {
  switch (kind) {
    case "lost":
      return <DownIcon size={12} />;
    case "gained":
      return <UpIcon size={12} />;
    case "both_wrong":
    case "unlabelled":
      return null;
  }
}

function Picture({ flip: { sample, thumbnail } }: { flip: Flip }) {
  if (thumbnail == null) return <div className={styles.picture} aria-hidden="true" />;
  return (
    <img
      className={styles.picture}
      src={`data:image/png;base64,${thumbnail}`}
      alt={`Sample ${sample}`}
      loading="lazy"
    />
  );
}

interface SaidProps {
  by: string;
  answer: string;
  confidence?: number;
}

function Said({ by, answer, confidence }: SaidProps) {
  return (
    <div className={styles.row}>
      <dt>{by}</dt>
      <dd className={styles.answer} title={answer}>
        {answer}
      </dd>
      <dd className={styles.confidence}>{confidence !== undefined && percent(confidence, 0)}</dd>
    </div>
  );
}
