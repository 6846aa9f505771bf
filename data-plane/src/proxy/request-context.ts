import type { RoutedRequest } from '@headgate/shared/routing/routed-request';
import { cookiePairs, isCookieField } from '../affinity/cookie-pairs.ts';
import type { PickContext } from '../balancing/picker.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';

export interface RequestContextInput {
  readonly clientAddress: string;
  readonly authority: string;
  /** As routes see it. */
  readonly request: Pick<RoutedRequest, 'target' | 'query'>;
  readonly rawHeaders: readonly string[];
  /** Of the cookie of the backend's session; undefined without session, without cookie, and with several. */
  readonly sessionValue?: string | undefined;
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
    const { target } = this.#input.request;
    const query = target.indexOf('?');
    return query === -1 ? target : target.slice(0, query);
  }

  get sessionValue(): string | undefined {
    return this.#input.sessionValue;
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
      if (!isCookieField(rawHeaders[index]!)) continue;
      const [first] = cookiePairs(rawHeaders[index + 1]!, name);
      if (first !== undefined) return first.value;
    }
    return undefined;
  }

  query(name: string): string | undefined {
    return this.#input.request.query(name);
  }
}
