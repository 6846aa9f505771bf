import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

export type Plane = 'control-plane' | 'data-plane';

/** What the Dockerfile says of the image of a plane. */
export interface ImageDeclaration {
  readonly from: string;
  readonly user: string;
  readonly stopSignal: string;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the stage of that name: its instructions, continued lines joined. */
export function imageDeclaration(plane: Plane): ImageDeclaration {
  const text = readFileSync(join(repository, 'Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ');
  const stage = text.split(/^(?=FROM )/m).find((part) => part.split('\n')[0]?.endsWith(` AS ${plane}`));
  if (stage === undefined) throw new Error(`the Dockerfile has no stage ${plane}`);
  const all = (name: string): string =>
    [...stage.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, content]) => content).join(' ');
  return {
    from: /^ARG NODE_IMAGE=(.*)$/m.exec(text)?.[1] ?? '',
    user: all('USER'),
    stopSignal: all('STOPSIGNAL'),
    entrypoint: JSON.parse(all('ENTRYPOINT')) as string[],
    env: pairs(all('ENV')),
    ports: all('EXPOSE').split(' ').map(Number),
    labels: pairs(all('LABEL')),
  };
}

function pairs(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(found.map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]));
}
