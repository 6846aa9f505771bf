import { canonicalAddress } from '@headgate/shared/model/address';

/** The addresses of each name in a hosts file (hosts(5)), canonical, each once. What is no line of one is left out. */
export function parseHostsFile(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [written = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = canonicalAddress(written);
    if (address === undefined) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      const addresses = found.get(name);
      if (addresses === undefined) found.set(name, [address]);
      else if (!addresses.includes(address)) addresses.push(address);
    }
  }
  return found;
}
