import type { Backend } from '@headgate/shared/model/backend';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import {
  Backend as WireBackend,
  HealthCheckType,
  type HealthCheck as WireHealthCheck,
} from './generated/headgate/v1/control_plane.ts';
import { missingPart, UndecodableObjectError } from './undecodable-object-error.ts';

/** A backend's settings as bytes of the wire; equal settings give equal bytes. */
export function encodeBackend(backend: Backend): Uint8Array {
  return WireBackend.encode({
    name: backend.name,
    balance: { algorithm: backend.algorithm },
    healthCheck: backend.healthCheck === undefined ? undefined : wireHealthCheck(backend.healthCheck),
    timeouts: backend.timeouts,
    limits: { requestBodyBytes: backend.requestBodyBytes },
    via: backend.via,
  }).finish();
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
  return {
    name: wire.name,
    algorithm: wire.balance.algorithm,
    healthCheck: wire.healthCheck === undefined ? undefined : modelHealthCheck(object, wire.healthCheck),
    timeouts: wire.timeouts,
    requestBodyBytes: wire.limits.requestBodyBytes,
    via: wire.via,
  };
}

function wireHealthCheck(check: HealthCheck): WireHealthCheck {
  const type = check.type === 'http' ? HealthCheckType.HEALTH_CHECK_TYPE_HTTP : HealthCheckType.HEALTH_CHECK_TYPE_TCP;
  return { ...check, type, validStatuses: [...check.validStatuses] };
}

function modelHealthCheck(object: string, wire: WireHealthCheck): HealthCheck {
  const type = healthCheckTypes.get(wire.type);
  if (type === undefined) {
    const reason = `is type ${wire.type}, which this release does not know`;
    throw new UndecodableObjectError('unknown_value', reason, { object, field: '/healthCheck/type' });
  }
  return { ...wire, type };
}

const healthCheckTypes = new Map<number, HealthCheck['type']>([
  [HealthCheckType.HEALTH_CHECK_TYPE_TCP, 'tcp'],
  [HealthCheckType.HEALTH_CHECK_TYPE_HTTP, 'http'],
]);
