import { canonicalAddress, formatEndpoint } from '../model/address.ts';
import { parseResolver } from '../dns/parse-resolver.ts';
import { formatDuration, parseDuration } from '../model/duration.ts';

/** The value of a setting, or what is wrong with its text; `problem` follows the text in a sentence. */
export type ParsedSetting<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string; readonly fix: string };

/** How the text of a setting is read. */
export interface SettingType<T> {
  /** For `--help`: `<host:port>`. */
  readonly placeholder: string;
  /** What a flag without a value means; without this such a flag is a fault. */
  readonly flagAlone?: string;
  /** No message shows the text, which may hold what does not belong there, such as a password. `secret` does more. */
  readonly unshown?: true;
  parse(text: string): ParsedSetting<T>;
}

/** Where to listen or whom to call. IPv6 without brackets. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port` to listen on: IPv4, IPv6 in brackets, or `localhost`. Port 0 takes any free port. */
export const listenAddressType: SettingType<SocketAddress> = {
  placeholder: '<host:port>',
  parse: (text) => {
    const address = parseSocketAddress(text);
    const local =
      address !== undefined && (address.host === 'localhost' || canonicalAddress(address.host) !== undefined);
    return local
      ? accepted(address)
      : refused(
          'is not an address to listen on',
          'write an IP address or localhost, and a port: 127.0.0.1:9001, [::1]:9001',
        );
  },
};

/** `host:port` to call: IPv4, IPv6 in brackets, or a DNS name; port 1 to 65535. */
export const remoteAddressType: SettingType<SocketAddress> = {
  placeholder: '<host:port>',
  parse: (text) => {
    const address = parseSocketAddress(text);
    return address !== undefined && address.port > 0
      ? accepted(address)
      : refused('is not an address', 'write a name or an IP address, and a port: control-plane:9002, [::1]:9002');
  },
};

/** A resolver of names: an IP address, with a port or without (53). Gives `address:port`. */
export const resolverType: SettingType<string> = {
  placeholder: '<ip[:port]>',
  parse: (text) => {
    const resolver = parseResolver(text);
    return resolver === undefined
      ? refused(
          'is not the address of a resolver',
          'write an IP address, with a port or without: 10.0.0.53, 10.0.0.53:5353, [fd00::53]:53',
        )
      : accepted(resolver);
  },
};

/** A type that also takes `off`, which gives undefined. */
export function orOff<T>(type: SettingType<T>): SettingType<T | undefined> {
  return {
    placeholder: `${type.placeholder}|off`,
    parse: (text) => {
      if (text === 'off') return accepted(undefined);
      const parsed = type.parse(text);
      return parsed.ok ? parsed : { ...parsed, fix: `${parsed.fix}, or off` };
    },
  };
}

/** Milliseconds, written as `1500ms`, `2s`, `5m` or `1h`, between two bounds in milliseconds. */
export function durationType(minMs: number, maxMs: number): SettingType<number> {
  return {
    placeholder: '<duration>',
    parse: (text) => {
      const value = parseDuration(text);
      return value !== undefined && value >= minMs && value <= maxMs
        ? accepted(value)
        : refused(
            `is not a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`,
            'write a whole number and a unit, such as 2s, 1500ms, 5m or 1h',
          );
    },
  };
}

/** A whole number between two bounds, both included. */
export function integerType(min: number, max: number): SettingType<number> {
  return {
    placeholder: '<number>',
    parse: (text) => {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max
        ? accepted(value)
        : refused(`is not a whole number from ${min} to ${max}`, 'write digits alone, without unit and separators');
    },
  };
}

/** `true` or `false`; as a flag also `--name` and `--no-name`. */
export const booleanType: SettingType<boolean> = {
  placeholder: '[true|false]',
  flagAlone: 'true',
  parse: (text) =>
    text === 'true' || text === 'false'
      ? accepted(text === 'true')
      : refused('is not a boolean', 'write true or false'),
};

/** One of some words. */
export function oneOfType<const T extends string>(words: readonly T[]): SettingType<T> {
  return {
    placeholder: `<${words.join('|')}>`,
    parse: (text) => {
      const word = words.find((known) => known === text);
      return word === undefined ? refused('is not known here', `write one of ${words.join(', ')}`) : accepted(word);
    },
  };
}

/** Items separated by commas; blanks around them are left out. An empty text is an empty list. */
export function listType<T>(item: SettingType<T>): SettingType<readonly T[]> {
  return {
    placeholder: `${item.placeholder},…`,
    parse: (text) => {
      const values: T[] = [];
      for (const [index, part] of splitList(text).entries()) {
        const parsed = item.parse(part);
        if (!parsed.ok) return refused(`has an item (number ${index + 1}) that ${parsed.problem}`, parsed.fix);
        values.push(parsed.value);
      }
      return accepted(values);
    },
  };
}

const LABEL_KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const LABEL_VALUE = /^[A-Za-z0-9._/-]{0,63}$/;

/** `zone=a,rack=12`: at most 64 labels, each key once. */
export const labelsType: SettingType<Readonly<Record<string, string>>> = {
  placeholder: '<key=value,…>',
  parse: (text) => {
    const labels = splitList(text).map(splitLabel);
    const known = labels.filter((label) => label !== undefined);
    const distinct = new Set(known.map(([key]) => key)).size;
    return distinct === labels.length && labels.length <= 64
      ? accepted(Object.fromEntries(known))
      : refused(
          'is not a list of labels',
          'write zone=a,rack=12: at most 64 labels, each key once, of letters, digits, dots, slashes, underscores and hyphens',
        );
  },
};

/** The path of a file or directory, as it is. */
export const pathType: SettingType<string> = {
  placeholder: '<path>',
  parse: (text) =>
    text.trim() === '' || text.includes('\0')
      ? refused('is not a path', 'write the path of a file or directory')
      : accepted(text),
};

/** A name: letters, digits, dots, underscores, colons and hyphens. */
export const wordType: SettingType<string> = {
  placeholder: '<word>',
  parse: (text) =>
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/.test(text)
      ? accepted(text)
      : refused('is not a word', 'use at most 253 letters, digits, dots, underscores, colons and hyphens'),
};

/** A DNS name, in small letters; no address. */
export const hostNameType: SettingType<string> = {
  placeholder: '<name>',
  parse: (text) =>
    DNS_NAME.test(text) && !LOOKS_LIKE_ADDRESS.test(text)
      ? accepted(text.toLowerCase())
      : refused('is not a DNS name', 'write a name such as control-plane.example.com, without port'),
};

/** A token or key, of which no message shows anything: 16 to 4,096 visible ASCII characters. */
export const secretType: SettingType<string> = {
  placeholder: '<secret>',
  parse: (text) =>
    /^[\x21-\x7e]{16,4096}$/.test(text)
      ? accepted(text)
      : refused('is not a usable secret', 'use 16 to 4,096 visible ASCII characters without spaces'),
};

/** A range of addresses, canonical. */
export interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefixLength: number;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export const networkType: SettingType<Network> = {
  placeholder: '<network>',
  parse: (text) => {
    const [whole, length = ''] = text.split('/', 2);
    const address = canonicalAddress(whole ?? '');
    const bits = address?.includes(':') === true ? 128 : 32;
    const prefixLength = text.includes('/') ? (/^\d{1,3}$/.test(length) ? Number(length) : NaN) : bits;
    return address !== undefined && prefixLength <= bits && text.split('/').length <= 2
      ? accepted({ address, family: bits === 32 ? 'ipv4' : 'ipv6', prefixLength })
      : refused('is not a network', 'write an address, or one with a prefix length: 10.0.0.0/8, fd00::/8');
  },
};

/** How a socket address is written. */
export function formatSocketAddress(address: SocketAddress): string {
  return formatEndpoint(address.host, address.port);
}

const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62})?(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,62})?)*$/;

/** A last label of digits would be read as an address in some other spelling (010.0.0.1, 0x7f.1). */
const LOOKS_LIKE_ADDRESS = /(^|\.)(\d+|0[xX][0-9a-fA-F]*)$/;

function parseSocketAddress(text: string): SocketAddress | undefined {
  const parts = /^(\[[^\]]{2,64}\]|[^:[\]]{1,253}):(\d{1,5})$/.exec(text);
  const [, host = '', digits = ''] = parts ?? [];
  const port = Number(digits);
  if (parts === null || port > 65_535) return undefined;
  const address = canonicalAddress(host);
  if (address !== undefined) return { host: address, port };
  return DNS_NAME.test(host) && !LOOKS_LIKE_ADDRESS.test(host) ? { host: host.toLowerCase(), port } : undefined;
}

function splitList(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
}

function splitLabel(text: string): readonly [string, string] | undefined {
  const [key = '', value, ...more] = text.split('=');
  if (value === undefined || more.length > 0 || !LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) return undefined;
  return [key, value];
}

function accepted<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

function refused(problem: string, fix: string): { readonly ok: false; readonly problem: string; readonly fix: string } {
  return { ok: false, problem, fix };
}
