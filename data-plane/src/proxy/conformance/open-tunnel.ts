import type { OriginConnection } from './scripted-origin.ts';
import type { Scene, ServeOptions, Stage } from './stage.ts';
import { accepting, webSocketRequest } from './web-socket-text.ts';

export interface OpenTunnel extends Scene {
  /** The server's end. */
  readonly server: OriginConnection;
}

/** A WebSocket that stands, with nothing sent yet. */
export async function openTunnel(stage: Stage, options: ServeOptions = {}): Promise<OpenTunnel> {
  const scene = await stage.serve(accepting, options);
  expect((await scene.client.ask(webSocketRequest())).status).toBe(101);
  expect([scene.forwarder.open.tunnels, scene.forwarder.inFlight]).toEqual([1, 1]);
  return { ...scene, server: await scene.origin.connection(0) };
}
