import type { HashKey } from '@headgate/shared/model/balance';
import type { PickContext } from './picker.ts';

/** What of a request is hashed: what the backend names, or the address of its client when the request has no such thing. */
export function hashKey({ source, name }: HashKey, context: PickContext): string {
  return valueOf(source, name, context) || context.clientAddress;
}

function valueOf(source: string, name: string, context: PickContext): string | undefined {
  switch (source) {
    case 'path':
      return context.path;
    case 'header':
      return context.header(name);
    case 'cookie':
      return context.cookie(name);
    case 'query':
      return context.query(name);
    default:
      return context.clientAddress;
  }
}
