import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Configuration } from '../../config/configuration.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { parse, sample } from './sample.ts';

const RENAMED = sample({ 7: '  primary: { name: Renamed, email: primary@example.com }' });
const BROKEN = sample({ 7: '  primary: { name: Broken, phone: x }' });

describe('a file that changes', () => {
  let folder: string;
  let file: string;
  let source: ConfigurationSource;
  let heard: (string | Configuration)[];
  let wake: () => void;

  /** The next thing the source says, however long the file system takes. */
  async function next(): Promise<string | Configuration> {
    while (heard.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard.shift() ?? '';
  }
  /** Whole at once, as editors do. */
  async function save(text: string): Promise<void> {
    await writeFile(`${file}~`, text);
    await rename(`${file}~`, file);
  }
  const nameOf = (configuration: string | Configuration): string | undefined =>
    typeof configuration === 'string' ? configuration : configuration.members.get('primary')?.name;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'escalations-'));
    file = join(folder, 'escalations.yaml');
    await writeFile(file, sample());
    heard = [];
    wake = () => undefined;
    const hear = (what: string | Configuration): void => {
      heard.push(what);
      wake();
    };
    source = await ConfigurationSource.open(file, {
      onError: (error) => {
        hear(error.message);
      },
      onChange: hear,
    });
  });
  afterEach(async () => {
    source.close();
    await rm(folder, { recursive: true });
  });

  it('is taken over when it is good', async () => {
    const before = source.current;
    await writeFile(file, RENAMED);
    // A slow disk may show it half written first.
    while (nameOf(source.current) !== 'Renamed') await next();
    expect(nameOf(source.current)).toBe('Renamed');
    expect(nameOf(before)).toBe('Primary');
  });

  it('is taken over when an editor renames a new one into its place', async () => {
    await save(RENAMED);
    expect(nameOf(await next())).toBe('Renamed');
  });

  it('is reported and not taken over when anything in it is wrong, until it is mended', async () => {
    const before = source.current;
    await save(BROKEN);
    expect(await next()).toContain(`${file}:7:35  members.primary.phone: is not a valid phone number`);
    expect(source.current).toBe(before);
    await save(RENAMED);
    expect(nameOf(await next())).toBe('Renamed');
  });

  it('says since when it is refused, and no longer once it is mended', async () => {
    const from = Date.now();
    expect(source.refusal).toBeUndefined();
    await save(BROKEN);
    await next();
    const { sinceAt = 0, problems } = source.refusal ?? {};
    expect(sinceAt).toBeGreaterThanOrEqual(from);
    expect(problems?.join()).toContain('members.primary.phone');
    await save(BROKEN.replace('phone: x', 'phone: y'));
    await source.reload();
    expect(source.refusal?.sinceAt).toBe(sinceAt);
    await save(sample());
    await source.reload();
    expect(source.refusal).toBeUndefined();
  });

  it('leaves prefix and address of the gateway as they were at the start, takes over the rest, and says so', async () => {
    await save(
      RENAMED.replace(
        'gateway: {',
        'gateway: { listen: "127.0.0.1:9090", publicUrl: "https://oncall.example.com",',
      ).concat('\nprefix: elsewhere'),
    );
    await next();
    expect(source.current).toMatchObject({
      prefix: 'escalations',
      gateway: { port: 8080, publicUrl: 'https://oncall.example.com' },
    });
    expect(nameOf(source.current)).toBe('Renamed');
    expect(source.heldBack).toEqual([
      'prefix: the file says elsewhere, escalations is in force until the next start',
      'gateway.listen: the file says 127.0.0.1:9090, 127.0.0.1:8080 is in force until the next start',
      'gateway.operations: the file says 127.0.0.1:9091, 127.0.0.1:8081 is in force until the next start',
    ]);
    await save(RENAMED);
    await source.reload();
    expect(source.heldBack).toEqual([]);
  });

  it('never changes the workflow of a telephone number under a call that rings', async () => {
    const held = (what: string): string =>
      `gateway.phoneKey: ${what}: the key of the start is in force until the next one; write that one here, so that no telephone number gets a second workflow`;
    const number = '+8613800000001';
    const id = (): string => phoneWorkflowId(source.current.prefix, source.current.gateway, number);
    const before = id();
    const [old = ''] = source.current.gateway.secrets;
    const fresh = 'aN0ther-h4rd-2-guess';
    const withKeys = (keys: string): string => sample({ 1: `gateway: { ${keys} }` });

    await save(withKeys(`secrets: [${fresh}, ${old}]`));
    await next();
    expect(id()).toBe(before);
    expect(source.heldBack).toEqual([]);
    await save(withKeys(`secrets: [${fresh}]`));
    await next();
    expect(id()).toBe(before);
    expect(source.heldBack).toEqual([held('is missing, and the last of secrets is another now')]);
    await save(withKeys(`secrets: [${fresh}], phoneKey: ${fresh}`));
    await next();
    expect(id()).toBe(before);
    expect(source.heldBack).toEqual([held('changes')]);
    await save(withKeys(`secrets: [${fresh}], phoneKey: ${old}`));
    await next();
    expect(id()).toBe(before);
    expect(source.heldBack).toEqual([]);
  });

  it('is read again on SIGHUP, and complained about again', async () => {
    await save(BROKEN);
    const complaint = await next();
    process.kill(process.pid, 'SIGHUP');
    expect(await next()).toBe(complaint);
  });

  it('changes nothing when it is saved as it was', async () => {
    const before = source.current;
    await save(sample());
    await source.reload();
    expect(source.current).toBe(before);
    expect(heard).toEqual([]);
  });

  it('leaves nothing behind when it is closed', () => {
    const listening = process.listenerCount('SIGHUP');
    source.close();
    expect(process.listenerCount('SIGHUP')).toBe(listening - 1);
  });

  it('cannot be opened while it is bad', async () => {
    await writeFile(file, BROKEN);
    await expect(ConfigurationSource.open(file)).rejects.toThrow('members.primary.phone');
  });
});

it('a fixed configuration stays what it is', async () => {
  const configuration = parse(sample());
  const source = ConfigurationSource.fixed(configuration);
  await source.reload();
  expect(source.current).toBe(configuration);
  source.close();
});
