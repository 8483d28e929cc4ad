import type { ConfigurationInForce } from '../config/configuration.ts';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One registry per gateway, so that several live in one process. */
export interface GatewayMetrics {
  registry: Registry;
  callbacks: Counter<'account' | 'result'>;
  incidents: Counter<'result'>;
  wrongSecrets: Counter<'secret'>;
  /** Seconds until Temporal had a signal. */
  signalSeconds: Histogram;
}

interface Watched {
  source: ConfigurationInForce;
  /** Verified actions that Temporal has not taken yet. */
  pending: () => number;
}

export function createMetrics({ source, pending }: Watched): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'escalations_gateway_pending_signals',
    help: 'Verified actions that Temporal has not taken yet',
    registers,
    collect() {
      this.set(pending());
    },
  });
  new Gauge({
    name: 'escalations_gateway_configuration_refused_seconds',
    help: 'How long the configuration file has been one that cannot be used; 0: it is in force',
    registers,
    collect() {
      this.set(source.refusal ? (Date.now() - source.refusal.sinceAt) / 1000 : 0);
    },
  });
  new Gauge({
    name: 'escalations_gateway_configuration_held_back',
    help: 'Settings of the configuration file that only the next start takes over',
    registers,
    collect() {
      this.set(source.heldBack?.length ?? 0);
    },
  });
  return {
    registry,
    callbacks: new Counter({
      name: 'escalations_gateway_callbacks_total',
      help: 'Pushes of providers, by account and what became of them',
      labelNames: ['account', 'result'],
      registers,
    }),
    incidents: new Counter({
      name: 'escalations_gateway_incidents_total',
      help: 'Incidents that were posted, by what became of them',
      labelNames: ['result'],
      registers,
    }),
    wrongSecrets: new Counter({
      name: 'escalations_gateway_wrong_secrets_total',
      help: 'Tokens, signatures, links and codes that opened nothing, by what they were shown as',
      labelNames: ['secret'],
      registers,
    }),
    signalSeconds: new Histogram({
      name: 'escalations_gateway_signal_seconds',
      help: 'Time until Temporal had a signal',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
      registers,
    }),
  };
}
