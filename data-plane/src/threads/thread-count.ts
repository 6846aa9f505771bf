import { availableParallelism } from 'node:os';
import type { Logger } from '@headgate/shared/logger';
import { MOST_THREADS } from '../config/thread-count-type.ts';
import { canSharePort } from './can-share-port.ts';

/** How many threads serve traffic: as many as were asked for, or one where they cannot share a port, which the log says. */
export async function threadCount(
  asked: number | 'auto',
  logger: Logger,
  canShare: () => Promise<boolean> = canSharePort,
): Promise<number> {
  const threads = asked === 'auto' ? Math.min(availableParallelism(), MOST_THREADS) : asked;
  if (threads === 1 || (await canShare())) return threads;
  logger.warn({ asked: threads, threads: 1 }, 'threads cannot listen on one port here (no SO_REUSEPORT): one serves');
  return 1;
}
