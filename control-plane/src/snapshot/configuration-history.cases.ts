import { ShardedMap } from '@headgate/shared/sharded-map';
import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import { overrideOf } from '@headgate/shared/model/override';
import type { ServerState } from '@headgate/shared/model/server';
import { applyCommit } from '../intent/apply-commit.ts';
import type { IntentState } from '../intent/intent-state.ts';
import type { Commit, ObjectChange } from '../store/store.ts';
import { buildSnapshot } from './build-snapshot.ts';
import { initialSnapshot } from './initial-snapshot.ts';
import { SnapshotLog, type SnapshotLogLimits } from './snapshot-log.ts';
import type { Snapshot } from './snapshot.ts';

/** Operators' changes from an empty store on, for tests: each is committed, built and published. */
export class ConfigurationHistory {
  readonly log: SnapshotLog;
  readonly commits: Commit[] = [];
  intent: IntentState;

  constructor(epoch = 'epoch-1', limits: SnapshotLogLimits = {}) {
    this.intent = {
      epoch,
      revision: 0,
      version: 1,
      backends: ShardedMap.empty(),
      hosts: ShardedMap.empty(),
      looseOverrides: new Map(),
    };
    this.log = new SnapshotLog(initialSnapshot(this.intent), limits);
  }

  get newest(): Snapshot {
    return this.log.latest.value;
  }

  get version(): number {
    return this.newest.id.version;
  }

  commit(...objects: readonly ObjectChange[]): Snapshot {
    const { revision, version } = this.intent;
    const commit = { revision: revision + 1, version: version + 1, at: 0, author: 'test', message: '', objects };
    this.commits.push(commit);
    this.intent = applyCommit(this.intent, commit);
    this.log.publish(buildSnapshot(this.newest, commit, this.intent));
    return this.newest;
  }

  putBackend(name: string, settings: Partial<BackendSettingsDocument> = {}): Snapshot {
    const before = this.intent.backends.get(name)?.document;
    return this.commit({ kind: 'backend', name, before, after: { ...settings, name } });
  }

  /** With its servers and overrides. It must not be in use. */
  deleteBackend(name: string): Snapshot {
    const entry = this.intent.backends.get(name);
    const servers = [...(entry?.servers ?? [])].map(([endpoint, { document }]): ObjectChange => {
      return { kind: 'server', name: `${name}/${endpoint}`, before: document };
    });
    const overrides = [...(entry?.overrides ?? [])].map(([endpoint, { document }]): ObjectChange => {
      return { kind: 'override', name: `${name}/${endpoint}`, before: document };
    });
    return this.commit({ kind: 'backend', name, before: entry?.document }, ...servers, ...overrides);
  }

  putServer(backend: string, port: number, weight = 1): Snapshot {
    const endpoint = `10.0.0.1:${port}`;
    const before = this.intent.backends.get(backend)?.servers.get(endpoint)?.document;
    const after = { address: '10.0.0.1', port, weight };
    return this.commit({ kind: 'server', name: `${backend}/${endpoint}`, before, after });
  }

  deleteServer(backend: string, port: number): Snapshot {
    const endpoint = `10.0.0.1:${port}`;
    const before = this.intent.backends.get(backend)?.servers.get(endpoint)?.document;
    return this.commit({ kind: 'server', name: `${backend}/${endpoint}`, before });
  }

  /** Whether the server is there or not. */
  setState(backend: string, port: number, state: ServerState): Snapshot {
    const endpoint = `10.0.0.1:${port}`;
    const before = this.intent.backends.get(backend)?.overrides.get(endpoint)?.document;
    return this.commit({ kind: 'override', name: `${backend}/${endpoint}`, before, after: overrideOf(state) });
  }

  putHost(pattern: string, backend: string): Snapshot {
    const before = this.intent.hosts.get(pattern)?.document;
    return this.commit({ kind: 'host', name: pattern, before, after: { host: pattern, backend } });
  }

  /** A host of about 8 KiB. */
  putLargeHost(pattern: string, backend: string): Snapshot {
    const routes = ['a', 'b', 'c', 'd'].map((letter) => {
      return { match: { path: { exact: `/${letter.repeat(2_000)}` } }, backend };
    });
    const before = this.intent.hosts.get(pattern)?.document;
    return this.commit({ kind: 'host', name: pattern, before, after: { host: pattern, routes } });
  }

  deleteHost(pattern: string): Snapshot {
    const before = this.intent.hosts.get(pattern)?.document;
    return this.commit({ kind: 'host', name: pattern, before });
  }

  /** A backend with servers on ports 8001, 8002, … and a host of its own, in one change. */
  addSite(name: string, servers = 2): Snapshot {
    const ports = Array.from({ length: servers }, (_, index) => 8_001 + index);
    return this.commit(
      { kind: 'backend', name, after: { name } },
      ...ports.map((port): ObjectChange => {
        return { kind: 'server', name: `${name}/10.0.0.1:${port}`, after: { address: '10.0.0.1', port } };
      }),
      { kind: 'host', name: `${name}.example`, after: { host: `${name}.example`, backend: name } },
    );
  }
}
