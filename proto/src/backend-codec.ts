import type { Backend } from '@headgate/shared/model/backend';
import { balanceDefaults } from '@headgate/shared/model/balance';
import { healthCheckDefaults, type HealthCheck } from '@headgate/shared/model/health-check';
import { retryDefaults } from '@headgate/shared/model/retry';
import { encodeMessage } from './encode-message.ts';
import {
  Backend as WireBackend,
  HealthCheckType,
  type HealthCheck as WireHealthCheck,
} from './generated/headgate/v1/control_plane.ts';
import { missingPart, UndecodableObjectError } from './undecodable-object-error.ts';

/** A backend's settings as bytes of the wire; equal settings give equal bytes. */
export function encodeBackend(backend: Backend): Uint8Array {
  const { healthCheck, balance, ...settings } = backend;
  return encodeMessage(WireBackend, {
    ...settings,
    balance: { ...balance },
    healthCheck: healthCheck && wireHealthCheck(healthCheck),
    session: settings.session,
    ejection: settings.ejection,
  });
}

/**
 * The settings in bytes of the wire.
 * @throws UndecodableObjectError, or what the reader throws for bytes that are no message.
 */
export function decodeBackend(body: Uint8Array): Backend {
  const wire = WireBackend.decode(body);
  const object = `backend/${wire.name}`;
  if (wire.name === '') throw missingPart(object, '/name');
  if (wire.balance === undefined || wire.balance.algorithm === '') throw missingPart(object, '/balance/algorithm');
  if (wire.timeouts === undefined) throw missingPart(object, '/timeouts');
  if (wire.limits === undefined) throw missingPart(object, '/limits');
  const { balance } = wire;
  return {
    name: wire.name,
    balance: { ...balance, key: balance.key ?? balanceDefaults.key },
    session: wire.session,
    healthCheck: wire.healthCheck && modelHealthCheck(object, wire.healthCheck),
    ejection: wire.ejection,
    retry: wire.retry ?? retryDefaults,
    slowStartMs: wire.slowStartMs,
    failOpen: wire.failOpen,
    timeouts: wire.timeouts,
    limits: wire.limits,
    via: wire.via,
  };
}

function wireHealthCheck(check: HealthCheck): WireHealthCheck {
  const type = check.type === 'http' ? HealthCheckType.HEALTH_CHECK_TYPE_HTTP : HealthCheckType.HEALTH_CHECK_TYPE_TCP;
  return { ...check, type, validStatuses: [...check.validStatuses], headers: [...check.headers] };
}

function modelHealthCheck(object: string, wire: WireHealthCheck): HealthCheck {
  const type = healthCheckTypes.get(wire.type);
  if (type === undefined) {
    const reason = `is type ${wire.type}, which this release does not know`;
    throw new UndecodableObjectError('unknown_value', reason, { object, field: '/healthCheck/type' });
  }
  return {
    ...wire,
    type,
    // What an older control plane does not say.
    method: wire.method === '' && type === 'http' ? 'GET' : wire.method,
    downIntervalMs: wire.downIntervalMs === 0 ? wire.intervalMs : wire.downIntervalMs,
    concurrency: wire.concurrency === 0 ? healthCheckDefaults.concurrency : wire.concurrency,
  };
}

const healthCheckTypes = new Map<number, HealthCheck['type']>([
  [HealthCheckType.HEALTH_CHECK_TYPE_TCP, 'tcp'],
  [HealthCheckType.HEALTH_CHECK_TYPE_HTTP, 'http'],
]);
