import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { CommitListener } from '../intent/intent.ts';
import type { ObjectChange } from '../store/store.ts';
import { TestFleet } from './fleet.cases.ts';
import { FleetHealth, type FleetHealthOptions } from './fleet-health.ts';
import type { DeviationVerdict } from './fleet-state.ts';
import type { StandingChange } from './standing-board.ts';

/** A fleet whose health is put together, with a configuration to change, for tests. */
export class HealthStage extends TestFleet {
  readonly health: FleetHealth;
  readonly changes: StandingChange[] = [];
  readonly #listeners = new Set<CommitListener>();

  constructor(options: Pick<FleetHealthOptions, 'flaps'> = {}) {
    super();
    const { register, clock, history } = this;
    const onCommit = (listener: CommitListener): (() => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    };
    const state = {
      get value() {
        return history.intent;
      },
      subscribe: () => () => undefined,
    };
    this.health = new FleetHealth({ register, clock, intent: { state, onCommit }, ...options });
    this.health.onChange((changes) => this.changes.push(...changes));
  }

  /** A backend that is checked, with servers on these ports of 10.0.0.1. */
  backend(name: string, ports: readonly number[], settings: Partial<BackendSettingsDocument> = checked): void {
    const before = this.history.intent.backends.get(name)?.document;
    this.commit({ kind: 'backend', name, before, after: { ...settings, name } });
    for (const port of ports) this.history.putServer(name, port);
  }

  commit(...objects: readonly ObjectChange[]): void {
    this.history.commit(...objects);
    for (const listener of this.#listeners) listener(this.history.commits.at(-1)!, this.history.intent);
  }

  /** Data planes that are connected, serve the newest version and have sent an empty full set. */
  connect(...ids: readonly string[]): void {
    for (const id of ids) {
      this.join(id, this.history.version);
      this.register.health(id, { full: true, deviations: [], cleared: [] });
    }
  }

  /** A data plane says this of a server on a port of 10.0.0.1. */
  say(id: string, server: string, verdict: DeviationVerdict | 'healthy', lastError = ''): void {
    const [backend, port] = server.split(':');
    const key = `${backend}/10.0.0.1:${port}`;
    const deviations = verdict === 'healthy' ? [] : [{ server: key, verdict, sinceMs: 5, lastError }];
    this.register.health(id, { full: false, deviations, cleared: verdict === 'healthy' ? [key] : [] });
  }

  standing(server: string): string {
    const [backend, port] = server.split(':');
    return this.health.standing(backend!, `10.0.0.1:${port}`);
  }
}

const checked: Partial<BackendSettingsDocument> = { healthCheck: { type: 'tcp' } };
