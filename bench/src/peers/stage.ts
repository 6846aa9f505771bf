import { Origin } from './origin.ts';
import { HeadgateSite, type SiteOrder } from './headgate-site.ts';
import type { Peer } from './peers.ts';
import { startPeer, type RunningPeer } from './running-peer.ts';
import { Workspace } from './workspace.ts';

/** Everything that one part of the benchmark runs beside each other; all of it is stopped at its end. */
export class Stage {
  readonly workspace: Workspace;
  readonly origin: Origin;
  /** Peers that are not installed, and how to get them. */
  readonly missing: string[] = [];
  /** `nginx 1.22.1` */
  readonly versions: string[] = [];
  readonly #stoppable: { stop(): Promise<void> }[] = [];

  private constructor(workspace: Workspace, origin: Origin) {
    this.workspace = workspace;
    this.origin = origin;
  }

  /** Runs the part with an origin of so many endpoints (default 4). */
  static async with<T>(part: (stage: Stage) => Promise<T>, endpoints?: number): Promise<T> {
    const workspace = await Workspace.create();
    let stage: Stage | undefined;
    try {
      stage = new Stage(workspace, await Origin.start(workspace, endpoints));
      return await part(stage);
    } finally {
      await Promise.allSettled(stage?.stopping() ?? []);
      await stage?.origin.stop();
      await workspace.remove();
    }
  }

  async site(order: SiteOrder): Promise<HeadgateSite> {
    const site = await HeadgateSite.start(order);
    this.#stoppable.push(site);
    return site;
  }

  /** Those that are installed, in front of all endpoints of the origin or of these. */
  async peers(peers: readonly Peer[], endpoints = this.origin.endpoints): Promise<readonly RunningPeer[]> {
    const running: RunningPeer[] = [];
    for (const peer of peers) {
      const started = await startPeer(peer, { workspace: this.workspace, endpoints });
      if (typeof started === 'string') this.missing.push(started);
      else {
        this.#stoppable.push(started);
        this.versions.push(`${peer.name} ${started.version}`);
        running.push(started);
      }
    }
    return running;
  }

  stopping(): readonly Promise<void>[] {
    return this.#stoppable.splice(0).map((each) => each.stop());
  }
}
