/** How numbers are written, the same on every screen and in the report's own pages. */

type Maybe<T> = T | null | undefined;

/** What stands where nothing was measured. */
export const MISSING = "–";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const MINUS = "−";

function known(n: Maybe<number>): n is number {
  return n !== null && n !== undefined && Number.isFinite(n);
}

function withTrueMinus(text: string): string {
  return text.replace(/-/g, MINUS);
}

export function count(n: Maybe<number>): string {
  return known(n) ? withTrueMinus(WHOLE.format(n)) : MISSING;
}

/** Three digits that count, however small or large. */
export function number(n: Maybe<number>): string {
  if (!known(n)) return MISSING;
  const size = Math.abs(n);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return withTrueMinus(n.toExponential(2));
  if (size >= 100) return count(n);
  if (size === 0) return "0";
  return withTrueMinus(size >= 1 ? n.toFixed(2) : n.toPrecision(3));
}

const MAGNITUDES = [
  [1e9, " G"],
  [1e6, " M"],
  [1e3, " k"],
] as const;

/** 11.18 M: of what is counted in millions nobody reads the digits behind. */
export function rounded(n: Maybe<number>): string {
  if (!known(n)) return MISSING;
  const [size, unit] = MAGNITUDES.find(([least]) => n >= least) ?? [1, ""];
  return `${number(n / size)}${unit}`;
}

export function percent(fraction: Maybe<number>, digits = 2): string {
  return known(fraction) ? withTrueMinus(`${(fraction * 100).toFixed(digits)}%`) : MISSING;
}

/** A difference of two fractions, in points of percent, always with its sign. */
export function points(difference: Maybe<number>): string {
  if (!known(difference)) return MISSING;
  const text = Math.abs(difference * 100).toFixed(2);
  if (Number(text) === 0) return text;
  return (difference > 0 ? "+" : MINUS) + text;
}

const BYTE_UNITS = ["kB", "MB", "GB", "TB"] as const;

export function bytes(n: Maybe<number>): string {
  if (!known(n)) return MISSING;
  if (Math.abs(n) < 1000) return `${count(n)} B`;
  let value = n;
  let unit = "B";
  for (const larger of BYTE_UNITS) {
    // 999.95 and more would be written as 1000.0.
    if (Math.abs(value) < 999.95) break;
    value /= 1000;
    unit = larger;
  }
  return `${withTrueMinus(threeDigits(value))} ${unit}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

export function ratio(n: Maybe<number>): string {
  return known(n) ? `${threeDigits(n)}×` : MISSING;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two largest units. */
export function seconds(n: Maybe<number>): string {
  if (!known(n)) return MISSING;
  if (n < 0) return `${MINUS}${seconds(-n)}`;
  if (n === 0) return "0 s";
  if (n < 0.9995) return `${Number((n * 1000).toPrecision(3))} ms`;
  if (n < 9.95) return `${n.toFixed(1)} s`;
  const whole = Math.round(n);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return twoUnits(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return twoUnits(whole, HOUR, "h", MINUTE, "min");
  return twoUnits(whole, DAY, "d", HOUR, "h");
}

function twoUnits(n: number, large: number, name: string, small: number, lesser: string): string {
  const rest = Math.floor((n % large) / small);
  const head = `${Math.floor(n / large)} ${name}`;
  return rest === 0 ? head : `${head} ${rest} ${lesser}`;
}

/** How long ago, in one unit; a clock that runs ahead of the server's reads as now. */
export function age(iso: Maybe<string>, now: number | Date = Date.now()): string {
  const at = Date.parse(iso ?? "");
  if (Number.isNaN(at)) return MISSING;
  const passed = Math.floor((Number(now) - at) / 1000);
  if (passed < -MINUTE) return `in ${oneUnit(-passed)}`;
  if (passed < 10) return "just now";
  return `${oneUnit(passed)} ago`;
}

function oneUnit(passed: number): string {
  if (passed < MINUTE) return `${passed} s`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return `${Math.floor(passed / DAY)} d`;
}

const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** The moment to the second, in the reader's own zone. */
export function exactTime(iso: Maybe<string>): string {
  const at = Date.parse(iso ?? "");
  if (Number.isNaN(at)) return MISSING;
  return EXACT.format(at);
}
