import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ControlPlaneProcess } from '../../src/harness/control-plane-process.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';

describe('a database that a control plane must not use', () => {
  let system: System;
  let dataDir: string;
  let path: string;

  beforeAll(async () => {
    system = await System.start();
    dataDir = join(system.directory, 'control-plane');
    path = join(dataDir, 'headgate.db');
    await writeSite(system);
  });
  afterAll(() => system.close());

  it('is one that another process uses: the second is refused, says why, and harms nothing', async () => {
    await expect(ControlPlaneProcess.start({ dataDir })).rejects.toThrow(/another process|lock/i);
    const { version } = await addHost(system, 'after-the-second');
    await system.api.converge(version);
  });

  it('is one with flipped bytes: refused at start, which row is said, and traffic goes on until it is repaired', async () => {
    await system.controlPlane.stop();
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost });
    const whole = await readFile(path);
    const places = placesOf(whole, siteHost);
    expect(places.length).toBeGreaterThan(0);
    await writeFile(path, flipped(whole, places));
    const refusal = await refusedStart(system);
    expect(refusal).toMatch(/damaged/i);
    expect(refusal).toMatch(/backup/i);
    expect(await readFile(path)).toEqual(flipped(whole, places));
    await traffic.more(100);
    await writeFile(path, whole);
    await followAgain(system, 'after-the-flip');
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);

  it('is one of a newer release: a downgrade is refused, and the database stays as it is', async () => {
    await system.controlPlane.stop();
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost });
    const schema = setSchema(path, 9_999);
    expect(await refusedStart(system)).toMatch(/schema 9999/);
    expect(setSchema(path, schema)).toBe(9_999);
    await followAgain(system, 'after-the-downgrade');
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);
});

/** What the control plane says when it refuses to start. */
async function refusedStart(system: System): Promise<string> {
  const failure = await system.controlPlane.start().then(
    () => undefined,
    (error: unknown) => String(error),
  );
  expect(failure).toMatch(/exit code 1/);
  return failure!;
}

async function followAgain(system: System, name: string): Promise<void> {
  await system.controlPlane.start();
  const { version } = await addHost(system, name);
  await system.api.converge(version);
}

function placesOf(bytes: Buffer, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

/** Each text with one bit turned: still text, which no check of SQLite's own sees. */
function flipped(bytes: Buffer, places: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const place of places) copy[place]! ^= 0x02;
  return copy;
}

/** Writes the number of the schema. Returns the one before. */
function setSchema(path: string, version: number): number {
  const database = new Database(path);
  try {
    const before = database.pragma('user_version', { simple: true }) as number;
    database.pragma(`user_version = ${version}`);
    return before;
  } finally {
    database.close();
  }
}
