import { forwarderAddress } from './forwarder-address.ts';
import { connect } from 'node:net';
import { defaultDeadlineMs } from './eventually.ts';
import { readResponse, readResponseHead } from './read-message.ts';
import { connected, WireEnd } from './wire-end.ts';
import type { WireResponse, WireResponseHead } from './wire-message.ts';

export interface RawClientOptions {
  /** Default: where forwarders listen. */ readonly host?: string;
  readonly port: number;
  readonly deadlineMs?: number;
}

/** A client of HTTP on a bare socket: it sends what it is told, valid or not, and accepts nothing but valid answers. */
export class RawClient extends WireEnd {
  static async connect(options: RawClientOptions): Promise<RawClient> {
    const socket = connect({ host: options.host ?? forwarderAddress, port: options.port, allowHalfOpen: true });
    return new RawClient(await connected(socket), 'client', options.deadlineMs ?? defaultDeadlineMs);
  }

  /** The next answer, whole, to a request with this method. Fails on anything that is no valid answer. */
  async response(method = 'GET'): Promise<WireResponse> {
    return readResponse(this, method);
  }

  /** The next head alone, interim answers included; what follows is left to `take`. */
  async head(): Promise<WireResponseHead> {
    return readResponseHead(this);
  }

  /** Sends a request and takes its answer. */
  async ask(request: string): Promise<WireResponse> {
    this.send(request);
    return this.response(request.slice(0, request.indexOf(' ')));
  }
}
