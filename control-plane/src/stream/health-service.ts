import { status, type sendUnaryData, type Server, type ServerUnaryCall } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { ControlPlaneServiceService } from '@headgate/proto/generated/headgate/v1/control_plane';

interface HealthRequest {
  readonly service: string;
}

interface HealthResponse {
  readonly status: 'SERVING';
}

/** What can be asked after: the server as a whole, and the service of data planes. */
const services: readonly string[] = ['', ControlPlaneServiceService.connect.path.split('/')[1] ?? ''];

/**
 * Adds `grpc.health.v1.Health/Check`, for probes that speak gRPC. It tells nothing but that the port is served, so no
 * join token is asked for; a server that closes answers nobody. `Watch` is left out: a stream for anybody, for as long as
 * he likes.
 */
export function addHealthService(server: Server): void {
  const check = (call: ServerUnaryCall<HealthRequest, HealthResponse>, answer: sendUnaryData<HealthResponse>): void => {
    if (services.includes(call.request.service)) answer(null, { status: 'SERVING' });
    else answer({ code: status.NOT_FOUND, details: 'there is no such service' });
  };
  server.addService({ check: service['Check']! }, { check });
}
