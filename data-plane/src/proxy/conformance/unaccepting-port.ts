import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { eventually } from './eventually.ts';

/** Listens, and never comes to accept: its thread sleeps until it is woken. */
const LISTENER = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(workerData), 0, 0);
  process.exit();
});`;
const ENOUGH = 6;

/** A port whose queue of connections is full: a further connection is neither accepted nor refused. */
export async function unaccepting(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(LISTENER, { eval: true, workerData: gate });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: ENOUGH }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await eventually(() => fillers.some(isConnected), 'the queue of the port to be full');
  return { port, release: () => release(worker, gate, fillers) };
}

async function release(worker: Worker, gate: SharedArrayBuffer, fillers: readonly Socket[]): Promise<void> {
  for (const filler of fillers) filler.destroy();
  Atomics.notify(new Int32Array(gate), 0);
  await worker.terminate();
}

function isConnected(socket: Socket): boolean {
  return socket.readyState === 'open';
}
