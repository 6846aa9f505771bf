import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { Server as TcpServer } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Server } from '@grpc/grpc-js';
import type { HandshakeFailures } from '../transport/handshake-failures.ts';

const notHttp2 =
  'what came to a plain-text port is not HTTP/2; for TLS give the listener a certificate, or let the client use plain text';

/** NGHTTP2_ERR_BAD_CLIENT_MAGIC: a connection does not begin as HTTP/2 does (RFC 9113 section 3.4). */
const BAD_CLIENT_MAGIC = -903;

/**
 * Tells of connections that fail before there is a call. grpc-js drops them without a word and keeps the HTTP/2 servers
 * that know of them to itself; a release that keeps them elsewhere costs these log lines and nothing more.
 */
export function watchConnections(server: Server, failures: HandshakeFailures): void {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map)) return;
  for (const http2 of servers.keys()) {
    if (http2 instanceof TlsServer) failures.watch(http2);
    else if (http2 instanceof TcpServer) watchPlainText(http2 as Http2Server, failures);
  }
}

function watchPlainText(server: Http2Server, failures: HandshakeFailures): void {
  // A session that has failed does not know any more whose it was.
  const remotes = new WeakMap<ServerHttp2Session, string | undefined>();
  server.on('session', (session) => remotes.set(session, session.socket.remoteAddress));
  server.on('sessionError', (error: NodeJS.ErrnoException, session: ServerHttp2Session) => {
    if (error.errno === BAD_CLIENT_MAGIC) failures.note(notHttp2, remotes.get(session));
  });
}
