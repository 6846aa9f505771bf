import type { PickContext } from '../balancing/picker.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';

export interface RequestContextInput {
  readonly clientAddress: string;
  readonly authority: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
}

/** A request as pickers see it. Nothing is looked up before it is asked for. */
export class RequestContext implements PickContext {
  readonly tried: ServerSlot[] = [];
  readonly #input: RequestContextInput;

  constructor(input: RequestContextInput) {
    this.#input = input;
  }

  get clientAddress(): string {
    return this.#input.clientAddress;
  }

  get authority(): string {
    return this.#input.authority;
  }

  get path(): string {
    const { target } = this.#input;
    const query = target.indexOf('?');
    return query === -1 ? target : target.slice(0, query);
  }

  /** The first one, when it stands several times. */
  header(name: string): string | undefined {
    const { rawHeaders } = this.#input;
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const field = rawHeaders[index]!;
      if (field.length === name.length && field.toLowerCase() === name) return rawHeaders[index + 1];
    }
    return undefined;
  }

  /** The first cookie of that name (RFC 6265 section 5.4: the most specific path comes first). */
  cookie(name: string): string | undefined {
    const { rawHeaders } = this.#input;
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      if (rawHeaders[index]!.toLowerCase() !== 'cookie') continue;
      const value = cookieIn(rawHeaders[index + 1]!, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function cookieIn(field: string, name: string): string | undefined {
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
