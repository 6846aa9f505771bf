import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';

/** Whether a call carries `authorization: Bearer <token>`. Takes the same time wherever the token differs. */
export function carriesToken(metadata: Metadata, token: string): boolean {
  const values = metadata.get('authorization');
  const [value] = values;
  if (values.length !== 1 || typeof value !== 'string') return false;
  const given = /^Bearer +([^ ]+)$/i.exec(value)?.[1] ?? '';
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
