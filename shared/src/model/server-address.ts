import { canonicalAddress } from './address.ts';
import { canonicalHostName } from './host-name.ts';

/** The one spelling of where a server is: of an IP address, or of a name that data planes look up; undefined for neither. */
export function canonicalServerAddress(text: string): string | undefined {
  return canonicalAddress(text) ?? canonicalHostName(text);
}

/** Splits `address:port` of a server, of which the address may be a name, and makes it canonical; undefined when it is none. */
export function parseServerEndpoint(text: string): { readonly address: string; readonly port: number } | undefined {
  const parts = /^(\[[^\]]+\]|[^:]+):([1-9]\d{0,4})$/.exec(text);
  if (parts === null) return undefined;
  const address = canonicalServerAddress(parts[1] ?? '');
  const port = Number(parts[2]);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}

/** `localhost` and every name below it are this machine (RFC 6761, section 6.3), whatever DNS says. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** What they mean. */
export const localNameAddresses: readonly string[] = ['127.0.0.1', '::1'];
