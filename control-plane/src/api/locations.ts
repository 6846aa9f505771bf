/** Paths of resources, as Location names them and requests may spell them. */

export function backendLocation(name: string): string {
  return `/api/v1/backends/${name}`;
}

export function serverLocation(backend: string, endpoint: string): string {
  return `${backendLocation(backend)}/servers/${encode(endpoint)}`;
}

export function hostLocation(pattern: string): string {
  return `/api/v1/hosts/${encode(pattern)}`;
}

export function tokenLocation(name: string): string {
  return `/api/v1/tokens/${name}`;
}

export function secretLocation(name: string): string {
  return `/api/v1/secrets/${name}`;
}

/** Colons may stand in a path (RFC 3986, 3.3); brackets may not. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%3A', ':');
}
