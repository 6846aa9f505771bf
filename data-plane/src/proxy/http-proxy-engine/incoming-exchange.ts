import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpVersion } from '../forwarder.ts';
import type { RequestContent } from './request-head.ts';
import type { UpgradedClient } from './upgraded-client.ts';

/** A client's request as Node holds it, with what was read from it. */
export interface IncomingExchange extends RequestContent {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly version: HttpVersion;
  /** Whether the client waits for 100 before it sends its content. */
  readonly expectsContinue: boolean;
  /** When Node has let go of the connection: it asks for a WebSocket. */
  readonly upgraded: UpgradedClient | undefined;
}
