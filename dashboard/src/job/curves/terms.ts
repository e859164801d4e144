/** The terms of a loss by the words of the specification: `1.dkd.nckd` is a part of its second. */

export interface Term {
  kind: string;
  weight: number;
}

/** The terms of a job's resolved loss, in their order. */
export function termsOf(resolved: Readonly<Record<string, unknown>>): Term[] {
  const { loss } = resolved;
  return Array.isArray(loss) ? loss.map(termOf) : [];
}

function termOf(found: unknown): Term {
  const { kind, weight } = Object(found);
  return {
    kind: typeof kind === "string" ? kind : "",
    weight: typeof weight === "number" ? weight : 1,
  };
}

/** What the curve of a term is called: its kind, its part, and its weight where that is not 1. */
export function termTitle(measured: string, terms: readonly Term[]): string {
  const [place = "", kind = "", ...rest] = measured.split(".");
  const part = rest.join(".");
  if (kind === "") return measured;
  const told = terms[Number(place)];
  // A baseline has terms of its own, which the specification does not list.
  const mine = told?.kind === kind ? told : null;
  const again = mine === null ? 0 : terms.slice(0, Number(place)).filter(of(kind)).length;
  const title = again === 0 ? kind : `${kind} (${again + 1})`;
  const whole = part === "" || part === kind ? title : `${title} · ${part}`;
  return mine === null || mine.weight === 1 ? whole : `${mine.weight} × ${whole}`;
}

function of(kind: string) {
  return (term: Term) => term.kind === kind;
}

/** By their place in the loss, which is no order of letters past the ninth. */
export function byPlace(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b, "en");
}

/** The seed whose curves are named without it; null where there is but one. */
export function firstSeedOf(resolved: Readonly<Record<string, unknown>>): number | null {
  const { seeds } = Object(resolved.recipe);
  return Array.isArray(seeds) && seeds.length > 1 && typeof seeds[0] === "number" ? seeds[0] : null;
}
