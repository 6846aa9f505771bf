/** Where a server of the origin listens. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}
