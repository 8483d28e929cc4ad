/** In the unit of the samples. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

export function row(label: string, { p50, p90, p99 }: Percentiles, floor?: Percentiles): string {
  const ratio = floor ? `  ${(p50 / floor.p50).toFixed(2)} × floor` : '';
  return `${label.padEnd(44)} p50 ${ms(p50)}  p90 ${ms(p90)}  p99 ${ms(p99)} ms${ratio}`;
}

function ms(value: number): string {
  return value.toFixed(1).padStart(6);
}
