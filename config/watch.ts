import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Configuration } from './configuration.ts';
import { loadConfiguration } from './load.ts';
import { ConfigurationError } from './schema/problem.ts';

export interface ConfigurationListeners {
  /** The file as it is now cannot be used; the old configuration stays in force. */
  onError?: (error: ConfigurationError) => void;
  onChange?: (current: Configuration, previous: Configuration) => void;
}

const SETTLE_MS = 100;

/** The configuration in force: taken over whole or not at all when the file changes, and on SIGHUP. */
export class ConfigurationSource {
  #current: Configuration;
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

  /** @throws ConfigurationError when the file cannot be used now. */
  static async open(path: string, listeners: ConfigurationListeners = {}): Promise<ConfigurationSource> {
    const source = new ConfigurationSource(await loadConfiguration(path), path, listeners);
    source.#watch(path);
    return source;
  }

  /** Never changes. */
  static fixed(configuration: Configuration): ConfigurationSource {
    return new ConfigurationSource(configuration);
  }

  get current(): Configuration {
    return this.#current;
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
      const next = await loadConfiguration(this.#path);
      this.#lastComplaint = '';
      if (next.hash === this.#current.hash) return;
      const previous = this.#current;
      this.#current = next;
      this.#listeners.onChange?.(next, previous);
    } catch (error) {
      this.#complain(error instanceof ConfigurationError ? error : new ConfigurationError([String(error)]));
    }
  }

  /** One save makes several events: the same words are said once. */
  #complain(error: ConfigurationError): void {
    if (error.message === this.#lastComplaint) return;
    this.#lastComplaint = error.message;
    this.#listeners.onError?.(error);
  }
}
