import type { Scene } from './stage.ts';
import type { WireRequest, WireResponse } from './wire-message.ts';

/** Sends a request through; what the origin saw of it, and what the client got. */
export async function relay(scene: Scene, request: string): Promise<{ seen: WireRequest; answer: WireResponse }> {
  const before = scene.origin.requests.length;
  const answer = await scene.client.ask(request);
  const seen = scene.origin.requests[before];
  if (seen === undefined) throw new Error(`nothing reached the origin; the client got ${answer.startLine}`);
  return { seen, answer };
}
