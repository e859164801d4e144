/** From values to places along an axis, and back. */
export interface Scale {
  low: number;
  high: number;
  at: (value: number) => number;
  valueAt: (place: number) => number;
  ticks: readonly number[];
}

type Ends = readonly [low: number, high: number];

export function linear([low, high]: Ends, [start, end]: Ends, wished = 5): Scale {
  const span = high - low || 1;
  return {
    low,
    high,
    at: (value) => start + ((value - low) / span) * (end - start),
    valueAt: (place) => low + ((place - start) / (end - start)) * span,
    ticks: roundTicks(low, high, wished),
  };
}

export function logarithmic([low, high]: Ends, ends: Ends, wished = 6): Scale {
  const inner = linear([Math.log10(low), Math.log10(high)], ends);
  return {
    low,
    high,
    at: (value) => inner.at(Math.log10(Math.max(value, Number.MIN_VALUE))),
    valueAt: (place) => 10 ** inner.valueAt(place),
    ticks: magnitudeTicks(low, high, wished),
  };
}

function roundTicks(low: number, high: number, wished: number): number[] {
  const rough = (high - low) / wished;
  if (!(rough > 0)) return [low];
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((unit) => unit * magnitude >= rough) ?? 10) * magnitude;
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) {
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}

/** 1, 2 and 5 of every magnitude where there is room, else the magnitudes alone. */
function magnitudeTicks(low: number, high: number, wished: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const of = (units: readonly number[]) => {
    const ticks: number[] = [];
    for (let power = first; power <= last; power += 1) {
      for (const unit of units) {
        const tick = Number((unit * 10 ** power).toPrecision(12));
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    return ticks;
  };
  const fine = of([1, 2, 5]);
  if (fine.length > wished * 1.5) return of([1]);
  return fine.length >= 3 ? fine : roundTicks(low, high, wished);
}
