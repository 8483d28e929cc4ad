export function durationText(ms: number): string {
  if (ms % 3_600_000 === 0 && ms > 0) return `${String(ms / 3_600_000)}h`;
  return ms % 60_000 === 0 && ms > 0 ? `${String(ms / 60_000)}m` : `${String(Math.round(ms / 1000))}s`;
}
