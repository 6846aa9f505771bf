/** A configuration of `hosts` hosts, each with a backend of its own of `servers` servers; host 0 is the one that changes. */
export function largeConfiguration(hosts: number, servers: number, live: readonly number[]): unknown {
  const members = Array.from({ length: servers }, (_, index) => index);
  const bulk = Array.from({ length: hosts - 1 }, (_, index) => index + 1);
  return {
    backends: [
      ...live.map((port, index) => ({ name: `live-${index}`, servers: [{ address: '127.0.0.1', port }] })),
      ...bulk.map((index) => ({ name: `backend-${index}`, servers: members.map((member) => serverOf(index, member)) })),
    ],
    hosts: [
      { host: 'changing.example.com', backend: 'live-0' },
      ...bulk.map((index) => ({ host: `host-${index}.example.com`, backend: `backend-${index}` })),
    ],
  };
}

/** An address of the benchmark network 198.18.0.0/15 (RFC 2544), which nothing here connects to. */
function serverOf(index: number, member: number): { address: string; port: number } {
  return { address: `198.18.${(index >> 8) & 255}.${index & 255}`, port: 8_000 + member };
}
