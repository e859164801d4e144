/** Labels while they are being edited: lines that may be empty, or the same twice. */
export interface Pair {
  id: number;
  name: string;
  value: string;
}

let lastId = 0;

export function newPair(name = "", value = ""): Pair {
  lastId += 1;
  return { id: lastId, name, value };
}

export function pairsOf(labels: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(labels).map(([name, value]) => newPair(name, value));
}

/** Lines that nobody has filled in are left out. */
export function asLabels(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    pairs.filter(isFilled).map(({ name, value }) => [name.trim(), value.trim()]),
  );
}

/** What only the form can see; the rest is for the service to say. */
export function labelProblem(pairs: readonly Pair[]): string | null {
  const names = pairs.filter(isFilled).map(({ name }) => name.trim());
  if (names.includes("")) return "A label needs a name";
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  return twice === undefined ? null : `The label ${twice} stands there twice`;
}

function isFilled({ name, value }: Pair): boolean {
  return name.trim() !== "" || value.trim() !== "";
}
