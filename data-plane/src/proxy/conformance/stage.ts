import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { BackendDocument } from '@headgate/shared/model/backend';
import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import { defaultDeadlineMs, eventually, within } from './eventually.ts';
import type { ForwarderFixture, ForwarderSettings, RunningForwarder } from './fixture.ts';
import { RawClient } from './raw-client.ts';
import { ScriptedOrigin, type OriginScript } from './scripted-origin.ts';

/** A forwarder in front of origins, with a backend `web` that the host a.test goes to. */
export interface ServeOptions extends Omit<ForwarderSettings, 'configuration'> {
  /** Settings of the backend. */
  readonly backend?: Omit<BackendDocument, 'name' | 'servers'>;
  /** Default: a.test, all of it, to the backend. */
  readonly hosts?: ConfigurationDocument['hosts'];
}

export interface Scene {
  readonly client: RawClient;
  readonly origin: ScriptedOrigin;
  readonly forwarder: RunningForwarder;
}

/** Where one case plays: it holds everything that the case starts, and checks at the end that nothing was left over. */
export class Stage {
  readonly deadlineMs: number;
  readonly #fixture: ForwarderFixture;
  readonly #clients: RawClient[] = [];
  readonly #origins: ScriptedOrigin[] = [];
  readonly #forwarders: RunningForwarder[] = [];
  readonly #cleanups: (() => Promise<void> | void)[] = [];

  constructor(fixture: ForwarderFixture, deadlineMs: number = defaultDeadlineMs) {
    this.#fixture = fixture;
    this.deadlineMs = deadlineMs;
  }

  /** One origin, a forwarder in front of it, one client. */
  async serve(script: OriginScript, options: ServeOptions = {}): Promise<Scene> {
    const origin = await this.origin(script);
    const forwarder = await this.forward([origin.port], options);
    return { origin, forwarder, client: await this.client(forwarder) };
  }

  async origin(script: OriginScript): Promise<ScriptedOrigin> {
    const origin = await ScriptedOrigin.start(script, this.deadlineMs);
    this.#origins.push(origin);
    return origin;
  }

  /** A forwarder in front of servers on these ports of 127.0.0.1. */
  async forward(ports: readonly number[], options: ServeOptions = {}): Promise<RunningForwarder> {
    const { limits, trustedProxies, showVersion } = options;
    const configuration = configurationOf(ports, options);
    const forwarder = await this.#fixture.start({
      configuration,
      ...(limits === undefined ? {} : { limits }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
      ...(showVersion === undefined ? {} : { showVersion }),
    });
    this.#forwarders.push(forwarder);
    return forwarder;
  }

  async client(forwarder: RunningForwarder): Promise<RawClient> {
    const client = await RawClient.connect({ port: forwarder.port, deadlineMs: this.deadlineMs });
    this.#clients.push(client);
    return client;
  }

  /** A port on which nobody listens: connections to it are refused. */
  async refusingPort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  /** Undone at the end, after the forwarder has closed. */
  defer(cleanup: () => Promise<void> | void): void {
    this.#cleanups.push(cleanup);
  }

  async eventually(condition: () => boolean, what: string): Promise<void> {
    await eventually(condition, what, this.deadlineMs);
  }

  /** Resolves when nothing is under way any more: no request, no tunnel, nothing counted on a server. */
  async idle(forwarder: RunningForwarder): Promise<void> {
    const busy = (): boolean =>
      forwarder.inFlight !== 0 || forwarder.exchangesOpen !== 0 || forwarder.open.tunnels !== 0;
    await eventually(() => !busy(), 'the forwarder to have nothing in flight', this.deadlineMs).catch(
      (cause: unknown) => {
        const { inFlight, exchangesOpen, open } = forwarder;
        throw new Error(`left over: ${JSON.stringify({ inFlight, exchangesOpen, ...open })}`, { cause });
      },
    );
  }

  /**
   * Ends a case that went well. The clients leave first, while the origins stand as they are: everything that the
   * forwarder held for them has to come free by that alone.
   */
  async finish(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    for (const forwarder of this.#forwarders) {
      await this.idle(forwarder);
      await eventually(() => forwarder.open.connections === 0, 'all client connections to be closed', this.deadlineMs);
      const { inFlight, connections, tunnels } = forwarder.metrics;
      if (inFlight + connections + tunnels !== 0)
        throw new Error(
          `gauges do not return to 0: ${inFlight} requests, ${connections} connections, ${tunnels} tunnels`,
        );
      if (forwarder.breaches.length > 0) throw new Error(`against the contract: ${forwarder.breaches.join('; ')}`);
    }
    const fault = this.#origins.flatMap((origin) => origin.faults)[0];
    if (fault !== undefined) throw new Error('an origin was sent something that is not valid', { cause: fault });
  }

  /** Clears everything away, however the case went. */
  async clear(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    const closing = [...this.#forwarders, ...this.#origins].map((part) => part.close());
    await within(Promise.all(closing), 'the forwarder and the origins to close');
    for (const cleanup of this.#cleanups) await cleanup();
  }
}

/** The configuration of `forward`, for cases that change it later. */
export function configurationOf(ports: readonly number[], options: ServeOptions = {}): ConfigurationDocument {
  const servers = ports.map((port) => ({ address: '127.0.0.1', port }));
  return {
    backends: [{ name: 'web', servers, ...options.backend }],
    hosts: options.hosts ?? [{ host: 'a.test', backend: 'web' }],
  };
}
