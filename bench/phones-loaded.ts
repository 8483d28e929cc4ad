import { loadAdapter } from '../providers/registry.ts';
import { ADAPTER_IDS } from '../domain/media.ts';

/** Loads the adapters it is given, and says what that cost, as JSON. */
const startedAt = performance.now();
await Promise.all(ADAPTER_IDS.filter((id) => process.argv.includes(id)).map((id) => loadAdapter(id)));
const ms = performance.now() - startedAt;
console.log(JSON.stringify({ ms, residentMb: process.memoryUsage.rss() / 1024 / 1024 }));
