import { useMemo, useState } from "react";
import { Bars } from "@/charts/Bars";
import { Matrix } from "@/charts/Matrix";
import { type Budgets, Pareto, type ParetoPoint } from "@/charts/Pareto";
import { bytes, percent, points } from "@/look/format";
import { Section } from "@/look/Page";
import { useToasts } from "@/look/Toasts";
import styles from "./gallery.module.css";
import { GARMENTS, noise, sampleMatrix } from "./samples";

export function Charts() {
  return (
    <div className={styles.stack}>
      <Fronts />
      <Confusions />
      <Histograms />
    </div>
  );
}

function Fronts() {
  const [budgets, setBudgets] = useState<Budgets>({ cost: 1_000_000, worth: null });
  const { say } = useToasts();
  const some = useMemo(() => samplePoints(4), []);
  const many = useMemo(() => samplePoints(24), []);
  const common = { costName: "size", worthName: "top-1", formatCost: bytes };
  return (
    <Section title="Worth against cost">
      <Pareto
        {...common}
        label="Top-1 against size"
        note="Drag the lines, or move them by the arrow keys."
        points={many}
        budgets={budgets}
        onBudgets={setBudgets}
        onOpen={(point) => say(`Opens ${point.label}.`)}
      />
      <div className={styles.wide}>
        <Pareto {...common} label="One job" points={some} height={280} />
        <Pareto {...common} label="One point" points={some.slice(0, 1)} height={280} />
        <Pareto {...common} label="None" points={[]} height={160} />
      </div>
    </Section>
  );
}

function samplePoints(howMany: number): ParetoPoint[] {
  const random = noise(11);
  const kinds = ["teacher", "student", "int8", "onnx", "baseline"] as const;
  return Array.from({ length: howMany }, (_, place) => {
    const kind = kinds[place % kinds.length] ?? "student";
    const base = kind === "teacher" ? 15e6 : kind === "int8" ? 240e3 : 830e3;
    return {
      id: `art_${place}`,
      label: place < 5 ? kind : `${kind} of seed ${place}`,
      kind,
      cost: base * (0.7 + random()),
      worth: (kind === "teacher" ? 0.917 : 0.87) + random() * 0.03,
      detail: "0.915 ms on a CPU",
    };
  });
}

function Confusions() {
  const ten = useMemo(() => sampleMatrix(10, 3), []);
  const other = useMemo(() => sampleMatrix(10, 5), []);
  const hundred = useMemo(() => sampleMatrix(100, 8), []);
  const names = useMemo(() => Array.from({ length: 100 }, (_, place) => `class ${place}`), []);
  const difference = ten.map((row, at) => row.map((value, to) => value - (other[at]?.[to] ?? 0)));
  const totals = other.map((row) => row.reduce((sum, value) => sum + value, 0));
  return (
    <Section title="Confusions">
      <div className={styles.wide}>
        <Matrix label="Student, all answers" names={GARMENTS} matrix={ten} />
        <Matrix
          label="Student less teacher"
          names={GARMENTS}
          matrix={difference}
          kind="difference"
          totals={totals}
        />
        <Matrix label="A hundred classes" names={names} matrix={hundred} />
      </div>
    </Section>
  );
}

function Histograms() {
  const random = noise(5);
  const few = GARMENTS.map((label) => ({
    id: label,
    label,
    value: Math.floor(900 + random() * 400),
  }));
  const recalls = GARMENTS.map((label) => ({
    id: label,
    label,
    value: 0.7 + random() * 0.3,
    reference: 0.8 + random() * 0.2,
  }));
  const lost = GARMENTS.map((label) => ({ id: label, label, value: random() * 0.1 - 0.07 }));
  const many = Array.from({ length: 1000 }, (_, place) => ({
    id: String(place),
    label: `n0${1440764 + place * 37} a class of ImageNet with a long name, and its synonyms`,
    value: Math.floor(700 + random() * 600),
  }));
  return (
    <Section title="By class">
      <div className={styles.wide}>
        <Bars label="Samples" bars={few} />
        <Bars
          label="Recall"
          note="The mark is the teacher."
          bars={recalls}
          format={percent}
          full={1}
        />
        <Bars label="Recall less the teacher's, points" bars={lost} format={points} />
        <Bars label="A thousand classes" bars={many} />
      </div>
    </Section>
  );
}
