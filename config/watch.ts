import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Address, Configuration, ConfigurationInForce, Refusal } from './configuration.ts';
import { phoneKeyOf } from '../links/phone-id.ts';
import { loadConfiguration } from './load.ts';
import { demandPackages } from './packages.ts';
import { ConfigurationError } from './schema/problem.ts';

export interface ConfigurationListeners {
  /** The file as it is now cannot be used; the old configuration stays in force. */
  onError?: (error: ConfigurationError) => void;
  onChange?: (current: Configuration, previous: Configuration) => void;
}

const SETTLE_MS = 100;

/**
 * The configuration in force: taken over whole or not at all when the file changes, and on SIGHUP. Only the prefix, the
 * gateway's addresses and the key of telephone numbers stay as they were at the start, because queues, workflow ids and
 * sockets hang on them.
 *
 * @example
 * ```ts
 * import { ConfigurationSource } from 'temporal-escalations';
 *
 * const source = await ConfigurationSource.open('escalations.yaml', {
 *   onError: ({ message }) => console.error(message),
 *   onChange: ({ hash }) => console.log(`now in force: ${hash}`),
 * });
 * console.log([...source.current.members.keys()]);
 * ```
 */
export class ConfigurationSource implements ConfigurationInForce {
  #current: Configuration;
  #refusal: Refusal | undefined;
  #heldBack: readonly string[] = [];
  readonly #path: string | undefined;
  readonly #listeners: ConfigurationListeners;
  #watcher: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #lastComplaint = '';
  readonly #onHangUp = (): void => void this.reload();

  private constructor(current: Configuration, path?: string, listeners: ConfigurationListeners = {}) {
    this.#current = current;
    this.#path = path;
    this.#listeners = listeners;
  }

  /** @throws ConfigurationError when the file cannot be used now, or a vendor's package is missing. */
  static async open(path: string, listeners: ConfigurationListeners = {}): Promise<ConfigurationSource> {
    const source = new ConfigurationSource(await servable(path), path, listeners);
    source.#watch(path);
    return source;
  }

  /** Never changes. @throws ConfigurationError when a vendor's package is missing. */
  static fixed(configuration: Configuration): ConfigurationSource {
    demandPackages(configuration);
    return new ConfigurationSource(configuration);
  }

  get current(): Configuration {
    return this.#current;
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get heldBack(): readonly string[] {
    return this.#heldBack;
  }

  /** Reads the file now. Never rejects: what is wrong goes to `onError`. */
  reload(): Promise<void> {
    this.#lastComplaint = '';
    return this.#take();
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#watcher?.close();
    process.off('SIGHUP', this.#onHangUp);
  }

  #watch(path: string): void {
    const name = basename(path);
    // The directory, not the file: editors write a new file and rename it, Kubernetes swaps the link `..data`.
    this.#watcher = watch(dirname(resolve(path)), { persistent: false }, (_event, changed) => {
      if (changed !== null && changed !== name && !changed.startsWith('..')) return;
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => void this.#take(), SETTLE_MS).unref();
    });
    this.#watcher.on('error', () => {
      this.#complain(new ConfigurationError([`${path}: cannot be watched any more; send SIGHUP after changing it`]));
    });
    process.on('SIGHUP', this.#onHangUp);
  }

  #take(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#read());
    return this.#reloading;
  }

  async #read(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      const next = await servable(this.#path);
      this.#lastComplaint = '';
      this.#refusal = undefined;
      if (next.hash === this.#current.hash) return;
      const previous = this.#current;
      this.#current = { ...next, ...fixedAtStart(previous, next.gateway) };
      this.#heldBack = [...differencesHeldBack(next, previous)];
      this.#listeners.onChange?.(this.#current, previous);
    } catch (error) {
      const known = error instanceof ConfigurationError ? error : new ConfigurationError([String(error)]);
      this.#refusal = { sinceAt: this.#refusal?.sinceAt ?? Date.now(), problems: known.problems };
      this.#complain(known);
    }
  }

  /** Reports a refused file once, because one save causes several events. */
  #complain(error: ConfigurationError): void {
    if (error.message === this.#lastComplaint) return;
    this.#lastComplaint = error.message;
    this.#listeners.onError?.(error);
  }
}

async function servable(path: string): Promise<Configuration> {
  const configuration = await loadConfiguration(path);
  demandPackages(configuration);
  return configuration;
}

function fixedAtStart({ prefix, gateway: before }: Configuration, gateway: Configuration['gateway']) {
  const { host, port, operations } = before;
  const phoneKey = phoneKeyOf(before);
  return {
    prefix,
    gateway: {
      ...gateway,
      host,
      port,
      ...(operations && { operations }),
      ...(phoneKeyOf(gateway) !== phoneKey && { phoneKey }),
    },
  };
}

function* differencesHeldBack(next: Configuration, { prefix, gateway }: Configuration): Generator<string> {
  if (next.prefix !== prefix) yield `prefix: the file says ${next.prefix}, ${prefix} is in force until the next start`;
  const addresses = [
    { key: 'listen', wanted: next.gateway, listening: gateway },
    { key: 'operations', wanted: next.gateway.operations, listening: gateway.operations },
  ].map(({ key, wanted, listening }) => ({ key, wanted: addressText(wanted), listening: addressText(listening) }));
  for (const { key, wanted, listening } of addresses) {
    if (wanted === listening) continue;
    yield `gateway.${key}: the file says ${wanted}, ${listening} is in force until the next start`;
  }
  if (phoneKeyOf(next.gateway) !== phoneKeyOf(gateway)) {
    const what = next.gateway.phoneKey === undefined ? 'is missing, and the last of secrets is another now' : 'changes';
    yield `gateway.phoneKey: ${what}: the key of the start is in force until the next one; write that one here, so that no telephone number gets a second workflow`;
  }
}

function addressText(address: Address | undefined): string {
  return address ? `${address.host}:${String(address.port)}` : 'none';
}
