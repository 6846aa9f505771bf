import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '@headgate/shared/logger';
import { ServedThread } from './threads/served-thread.ts';
import type { FromThread, ThreadOrder, ToThread } from './threads/thread-messages.ts';

/** The program of a thread that serves traffic: messages of the main thread → thread → messages. */
function main(port: NonNullable<typeof parentPort>, order: ThreadOrder): void {
  const { stdout } = process;
  const post = (message: FromThread): void => {
    port.postMessage(message);
    if (message.kind === 'closed') port.close();
  };
  const thread = new ServedThread({
    order,
    post,
    logger: createLogger('headgate-data-plane', order.settings.logLevel, stdout),
    output: {
      write: (text) => stdout.write(text),
      once: (event, listener) => stdout.once(event, listener),
      flushed: () => new Promise((resolve) => stdout.write('', () => resolve())),
    },
  });
  port.on('message', (message: ToThread) => thread.receive(message));
  // So that nothing that was counted is lost.
  process.on('uncaughtExceptionMonitor', () => thread.tellCounts(0));
}

if (parentPort !== null) main(parentPort, workerData as ThreadOrder);
