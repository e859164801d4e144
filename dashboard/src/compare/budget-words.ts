/** How many models meet the budgets, as a sentence. */
import { type Budgets, meets, type ParetoPoint } from "@/charts/front";

interface Words {
  cost: (value: number) => string;
  worth: (value: number) => string;
}

export function budgetWords(
  points: readonly ParetoPoint[],
  budgets: Budgets,
  words: Words,
): string {
  const limits = [
    budgets.cost !== null && `at most ${words.cost(budgets.cost)}`,
    budgets.worth !== null && `at least ${words.worth(budgets.worth)}`,
  ].filter((limit) => limit !== false);
  if (limits.length === 0) return "Move the lines to see which models are small and good enough.";
  const met = points.filter((point) => meets(point, budgets));
  const said = `${howMany(met.length, points.length)} of ${points.length} models ${
    met.length < 2 ? "is" : "are"
  } ${limits.join(" and ")}`;
  const best = met.reduce<ParetoPoint | null>(better, null);
  if (best === null) return `${said}.`;
  return `${said}; the best is ${best.label}: ${words.worth(best.worth)} at ${words.cost(best.cost)}.`;
}

function howMany(met: number, all: number): string {
  if (met === 0) return "None";
  return met === all && all > 1 ? "All" : String(met);
}

/** The more worth; of equals, the cheaper. */
function better(best: ParetoPoint | null, point: ParetoPoint): ParetoPoint {
  if (best === null || point.worth > best.worth) return point;
  return point.worth === best.worth && point.cost < best.cost ? point : best;
}
