import { mixBits } from './mix-bits.ts';

/**
 * A number from 0 to 2³² - 1 for a text, the same on every machine: FNV-1a over UTF-16 code units, its bits mixed, because
 * texts that differ in their last letter would come out close to each other. Texts that come from clients can be made
 * to collide; all that is to gain is the choice of a server.
 */
export function hashText(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixBits(hash);
}
