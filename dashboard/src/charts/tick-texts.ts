const DECIMALS = /\.(\d*?)(0*)(\D*)$/;

/** What stands at the ticks of an axis, with no more digits after the point than one of them needs.
 * Over magnitudes each is a number of its own; a place without text is null. */
export function tickTexts(
  values: readonly (number | null)[],
  format: (value: number) => string,
  overMagnitudes: boolean,
): string[] {
  const texts = values.map((value) => (value === null ? "" : format(value)));
  const needed = Math.max(0, ...texts.map(digitsNeeded));
  return texts.map((text) => cut(text, overMagnitudes ? digitsNeeded(text) : needed));
}

function digitsNeeded(text: string): number {
  return DECIMALS.exec(text)?.[1]?.length ?? 0;
}

function cut(text: string, digits: number): string {
  return text.replace(DECIMALS, (_, needed: string, zeros: string, unit: string) => {
    const left = (needed + zeros).slice(0, digits);
    return (left === "" ? "" : `.${left}`) + unit;
  });
}
