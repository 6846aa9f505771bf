/**
 * The IPv4 addresses that a canonical IPv6 address stands for, for a machine or a gateway that translates or tunnels:
 * IPv4-compatible and IPv4-translated (RFC 4291, RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo
 * (RFC 4380, its server and its client), ISATAP (RFC 5214). None for an IPv4 address; IPv4-mapped ones are IPv4 when
 * they are canonical.
 */
export function embeddedAddresses(address: string): readonly string[] {
  const bytes = address.includes(':') ? bytesOf(address) : undefined;
  if (bytes === undefined || address === '::' || address === '::1') return [];
  return forms.filter(({ matches }) => matches(bytes)).flatMap(({ read }) => read(bytes));
}

type Bytes = readonly number[];

/** One way to write IPv4 in IPv6. */
interface Form {
  readonly matches: (bytes: Bytes) => boolean;
  readonly read: (bytes: Bytes) => readonly string[];
}

const forms: readonly Form[] = [
  { matches: startsWith(...zeros(12)), read: last },
  { matches: startsWith(...zeros(8), 0xff, 0xff, 0, 0), read: last },
  { matches: startsWith(0, 0x64, 0xff, 0x9b, ...zeros(8)), read: last },
  { matches: startsWith(0, 0x64, 0xff, 0x9b, 0, 1), read: readLocalNat64 },
  { matches: startsWith(0x20, 0x02), read: (bytes) => [pick(bytes, 2, 3, 4, 5)] },
  { matches: startsWith(0x20, 0x01, 0, 0), read: readTeredo },
  { matches: isIsatap, read: last },
];

/**
 * The local-use prefix 64:ff9b:1::/48 says nothing of the length of the prefix that a network took from it, so every
 * place that RFC 6052 section 2.2 knows is read. What is not written to is mostly zero, so 0.0.0.0/8 means nothing here;
 * no translator would let it through.
 */
function readLocalNat64(bytes: Bytes): readonly string[] {
  const places = [pick(bytes, 6, 7, 9, 10), pick(bytes, 7, 9, 10, 11), pick(bytes, 9, 10, 11, 12), ...last(bytes)];
  return places.filter((address) => !address.startsWith('0.'));
}

/** The client's address is written upside down. */
function readTeredo(bytes: Bytes): readonly string[] {
  const inverted = bytes.map((byte) => byte ^ 255);
  return [pick(bytes, 4, 5, 6, 7), ...last(inverted)];
}

/** ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d behind any prefix. */
function isIsatap(bytes: Bytes): boolean {
  return ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

function startsWith(...prefix: Bytes): (bytes: Bytes) => boolean {
  return (bytes) => prefix.every((byte, index) => bytes[index] === byte);
}

function last(bytes: Bytes): readonly string[] {
  return [pick(bytes, 12, 13, 14, 15)];
}

function pick(bytes: Bytes, ...places: readonly number[]): string {
  return places.map((place) => bytes[place]).join('.');
}

function zeros(count: number): Bytes {
  return new Array<number>(count).fill(0);
}

/** Of the canonical spelling: groups of hexadecimal digits, of which one run of zeros may be left out. */
function bytesOf(address: string): Bytes {
  const [head = [], tail = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const left = new Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...left, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
