const DECIMALS = /\.(\d*?)(0+)(\D*)$/;

/** What stands at the ticks of an axis, without the zeros after the point that none of them needs.
 * Over magnitudes each is a number of its own; a place without text is null. */
export function tickTexts(
  values: readonly (number | null)[],
  format: (value: number) => string,
  overMagnitudes: boolean,
): string[] {
  const texts = values.map((value) => (value === null ? "" : format(value)));
  const idle = texts.filter((text) => text.includes(".")).map((text) => zerosAtEnd(text));
  const common = Math.min(...idle);
  return texts.map((text) => withoutZeros(text, overMagnitudes ? zerosAtEnd(text) : common));
}

function zerosAtEnd(text: string): number {
  return DECIMALS.exec(text)?.[2]?.length ?? 0;
}

function withoutZeros(text: string, howMany: number): string {
  return text.replace(DECIMALS, (_, digits: string, zeros: string, unit: string) => {
    const left = digits + zeros.slice(Math.min(howMany, zeros.length));
    return (left === "" ? "" : `.${left}`) + unit;
  });
}
