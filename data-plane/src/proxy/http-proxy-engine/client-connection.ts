import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@headgate/shared/clock';
import { canonicalAddress } from '@headgate/shared/model/address';
import type { OwnAnswer } from '../forwarder.ts';
import { ownAnswer } from '../own-answer.ts';
import { clientFault, type ClientError } from './client-fault.ts';
import type { RequestPeer } from './request-head.ts';

/** How long a refused client may take to read why. */
const LINGER_MS = 1_000;
/** Requests that may wait behind one that is being answered, before the connection is not read any more. */
const MAX_WAITING = 64;

/** A request that is being answered. */
export interface RunningRequest {
  /** What the client sends as its content is no valid HTTP. */
  clientFault(answer: OwnAnswer): void;
}

/** A request that Node has read the head of. */
export interface ReceivedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  begin(): RunningRequest;
}

export interface ClientConnectionOptions {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly requestLineBytes: number;
  /** Counts and composes an answer to what is no request. */
  readonly refusal: (answer: OwnAnswer, peer: RequestPeer) => string;
}

/**
 * One connection of a client. Requests that come one behind the other are carried out one after the other: only safe
 * methods might run side by side (RFC 9112 section 9.3.2). What is no valid HTTP ends the connection, after the answers
 * to what came before it.
 */
export class ClientConnection {
  readonly socket: Socket;
  readonly peer: RequestPeer;
  readonly #options: ClientConnectionOptions;
  readonly #waiting: ReceivedRequest[] = [];
  #current: ReceivedRequest | undefined;
  #running: RunningRequest | undefined;
  #broken = false;
  #refusal: OwnAnswer | undefined;
  #readWhenIdle = 0;

  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.socket = options.socket;
    const { remoteAddress = '', remotePort = 0 } = options.socket;
    this.peer = { address: canonicalAddress(remoteAddress.replace(/%.*$/, '')) ?? '', port: remotePort };
  }

  /** Whether nothing of a request has come that is not answered. */
  get isIdle(): boolean {
    return this.#current === undefined && this.socket.bytesRead === this.#readWhenIdle;
  }

  /** Whether no request is being answered, though one may be coming in. */
  get isWithoutRequest(): boolean {
    return this.#current === undefined;
  }

  /** Carries the request out, now or when those before it have been. */
  take(received: ReceivedRequest): void {
    if (this.#current === undefined) return this.#run(received);
    // Node reads on as soon as a request is complete: only after that does a pause last.
    if (this.#waiting.push(received) > MAX_WAITING) process.nextTick(() => this.socket.pause());
  }

  /** Something came that is no valid HTTP, or nothing came for too long. */
  fail(error: ClientError): void {
    const fault = clientFault(error, this.#options.requestLineBytes);
    if (fault === 'close') this.socket.destroy();
    if (this.#broken || fault === 'close' || fault === 'ignore') return;
    this.#broken = true;
    this.#blame(ownAnswer(fault));
  }

  #run(received: ReceivedRequest): void {
    this.#current = received;
    received.response.once('close', () => this.#next());
    this.#running = received.begin();
  }

  #next(): void {
    this.#current = undefined;
    this.#running = undefined;
    this.#readWhenIdle = this.socket.bytesRead;
    if (!this.socket.writable) return void (this.#waiting.length = 0);
    const next = this.#waiting.shift();
    if (this.#waiting.length === MAX_WAITING >> 1) this.socket.resume();
    if (next !== undefined) this.#run(next);
    else if (this.#refusal !== undefined) this.#refuse(this.#refusal);
  }

  /** Whose content it is that is broken, or nobody's: then it comes after all that was asked. */
  #blame(answer: OwnAnswer): void {
    const last = this.#waiting.at(-1) ?? this.#current;
    if (last === undefined) return this.#refuse(answer);
    if (!last.request.complete && last === this.#current) return this.#running?.clientFault(answer);
    if (!last.request.complete) this.#waiting.pop();
    this.#refusal = answer;
  }

  #refuse(answer: OwnAnswer): void {
    if (!this.socket.writable) return void this.socket.destroy();
    this.socket.end(this.#options.refusal(answer, this.peer), 'latin1');
    const cancel = this.#options.clock.after(LINGER_MS, () => this.socket.destroy());
    this.socket.once('end', () => this.socket.destroySoon());
    this.socket.once('close', cancel);
  }
}
