import { errorCode } from '@headgate/shared/error-code';
import { SourceError } from '../source.ts';
import { ExpiredError } from './expired-error.ts';

/** What was tried. */
export interface Attempt {
  /** The cluster's name, for the beginning of a sentence. */
  readonly cluster: string;
  readonly verb: 'list' | 'watch';
  readonly namespace: string;
}

/** What a status other than 200 means. Nothing of the answer's text is shown. */
export function refusalOf(status: number, { cluster, verb, namespace }: Attempt): SourceError | ExpiredError {
  if (status === 410) return new ExpiredError();
  const need = `it needs list and watch on endpointslices.discovery.k8s.io in namespace ${namespace}`;
  const meanings: Readonly<Record<number, string>> = {
    401: 'does not know who asks: the token or client certificate is not of this cluster, or is no longer valid',
    403: `does not allow the account to ${verb}: ${need}`,
    404: 'does not serve endpointslices of discovery.k8s.io/v1: Kubernetes 1.21 or newer is needed',
    429: 'has too much to do',
    503: 'is not available',
  };
  return new SourceError(`${cluster} ${meanings[status] ?? `answered the ${verb} with an error`} (${status})`);
}

/** What went wrong, for people. What has a code is told by it alone: messages hold addresses, which a secret may name. */
export function kubernetesFailure(cluster: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (typeof error !== 'object' || error === null || !('code' in error)) {
    // A bug of ours.
    return new SourceError(`${cluster} could not be read`, { cause: error });
  }
  const code = errorCode(error);
  if (code.startsWith('HPE_')) return new SourceError(`${cluster} does not speak HTTP (${code})`);
  return new SourceError(`${cluster} cannot be reached (${code})`);
}
