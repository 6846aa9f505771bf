import type { SourceText } from './source.ts';

interface Document {
  readonly backends: readonly { readonly servers: readonly { readonly address: string }[] }[];
}

/** For stages of document sources: a document of one backend whose servers have these addresses. */
export function documentOf(addresses: readonly string[]): string {
  const servers = addresses.map((address) => ({ address, port: 8080 }));
  return JSON.stringify({ backends: [{ name: 'web', servers }], hosts: [] });
}

/** The addresses of all servers of all texts. */
export function addressesOf(texts: readonly SourceText[]): readonly string[] {
  return texts
    .flatMap(({ text }) => (JSON.parse(text) as Document).backends)
    .flatMap(({ servers }) => servers.map(({ address }) => address));
}
