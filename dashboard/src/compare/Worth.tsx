import { useMemo, useState } from "react";
import { type Budgets, Pareto } from "@/charts/Pareto";
import { budgetWords } from "@/compare/budget-words";
import styles from "@/compare/compare.module.css";
import type { Known } from "@/compare/compared";
import { type Cost, type JobPoint, type Plot, plotsOf } from "@/compare/points";
import { Button } from "@/look/Button";
import { number, percent } from "@/look/format";
import { Segments, Select } from "@/look/inputs";
import { Section } from "@/look/Page";

const COSTS = [
  { value: "size_mb", title: "Size" },
  { value: "latency_ms_p50", title: "Time" },
] as const;

interface WorthProps {
  jobs: readonly Known[];
  cost: Cost;
  onCost: (cost: Cost) => void;
  onOpen: (jobId: string) => void;
  /** Why there may be no points. */
  empty: string;
}

/** Every model and file of the jobs: how good it is, and what it costs. */
export function Worth({ jobs, cost, onCost, onOpen, empty }: WorthProps) {
  const plots = useMemo(() => plotsOf(jobs, cost), [jobs, cost]);
  const [chosen, setChosen] = useState(0);
  const plot = plots[chosen] ?? plots[0];
  return (
    <Section
      title="Worth against cost"
      note="Every model and file of the jobs. A point leads to its job."
      actions={
        <>
          {plots.length > 1 && (
            <Select
              aria-label="What was measured"
              value={plots.indexOf(plot ?? NOTHING)}
              onChange={({ target }) => setChosen(Number(target.value))}
            >
              {plots.map((each, place) => (
                <option key={nameOf(each)} value={place}>
                  {nameOf(each)}
                </option>
              ))}
            </Select>
          )}
          <Segments label="Cost" options={COSTS} value={cost} onChange={onCost} />
        </>
      }
    >
      <PlotWithBudgets
        key={`${cost} ${plot && nameOf(plot)}`}
        plot={plot ?? NOTHING}
        cost={cost}
        onOpen={onOpen}
        empty={empty}
      />
    </Section>
  );
}

const NOTHING: Plot = { worth: "top1", device: null, points: [] };

interface PlotProps {
  plot: Plot;
  cost: Cost;
  onOpen: (jobId: string) => void;
  empty: string;
}

function PlotWithBudgets({ plot, cost, onOpen, empty }: PlotProps) {
  const [budgets, setBudgets] = useState<Budgets>({ cost: null, worth: null });
  const unit = cost === "size_mb" ? "MB" : "ms";
  const words = { cost: (value: number) => `${number(value)} ${unit}`, worth: percent };
  const open = ({ id }: { id: string }) => {
    const jobId = jobOf(plot.points, id);
    if (jobId !== undefined) onOpen(jobId);
  };
  const isFree = budgets.cost === null && budgets.worth === null;
  return (
    <div className={styles.worth}>
      <Pareto
        label={`${worthName(plot)} against ${cost === "size_mb" ? "size" : "time"}`}
        points={plot.points}
        costName={cost === "size_mb" ? "size in MB" : "median ms of one image"}
        worthName={worthName(plot)}
        formatCost={words.cost}
        formatWorth={words.worth}
        budgets={budgets}
        onBudgets={setBudgets}
        onOpen={open}
        empty={empty}
      />
      {plot.points.length > 0 && (
        <div className={styles.budget}>
          <p aria-live="polite">{budgetWords(plot.points, budgets, words)}</p>
          <Button
            size="small"
            disabled={isFree}
            onClick={() => setBudgets({ cost: null, worth: null })}
          >
            Without budgets
          </Button>
        </div>
      )}
    </div>
  );
}

function jobOf(points: readonly JobPoint[], id: string): string | undefined {
  return points.find((point) => point.id === id)?.jobId;
}

function worthName({ worth }: Plot): string {
  return worth === "top1" ? "top-1" : "agreement with the teacher";
}

function nameOf(plot: Plot): string {
  return plot.device === null ? worthName(plot) : `${worthName(plot)} on ${plot.device}`;
}
