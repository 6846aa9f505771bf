import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { ForwarderLimits } from '../forwarder.ts';
import type { ProxyMetrics } from '../proxy-metrics.ts';

/** What a case wants of the forwarder that it runs against. */
export interface ForwarderSettings {
  readonly configuration: ConfigurationDocument;
  /** What is not named has its default. */
  readonly limits?: Partial<ForwarderLimits>;
  /** Addresses whose X-Forwarded fields count. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Whether answers carry Headgate-Version. Default false. */
  readonly showVersion?: boolean;
  /** Whether lines of the access log are kept. Default true. */
  readonly accessLog?: boolean;
}

/** A line of the access log, as far as cases look at it. */
export interface AccessLine {
  readonly requestId: string;
  readonly version: number;
  readonly method: string;
  readonly path: string;
  readonly backend: string;
  readonly status: number;
  /** Of own answers, else "". */
  readonly reason: string;
  readonly outcome: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly attempts: number;
}

/** A forwarder that listens on loopback, made of an engine and the real core. */
export interface RunningForwarder {
  readonly port: number;
  /** Client connections and tunnels that are open. */
  readonly open: { readonly connections: number; readonly tunnels: number };
  /** Requests and tunnels that are counted on servers. */
  readonly inFlight: number;
  readonly accessLines: readonly AccessLine[];
  readonly metrics: ProxyMetrics;
  /** Everything that the engine did to an exchange against the contract, such as a second end. */
  readonly breaches: readonly string[];
  /** Exchanges that have not ended yet, those without a server included. */
  readonly exchangesOpen: number;
  /** Another configuration goes live; resolves when new requests are served by it. */
  publish(configuration: ConfigurationDocument): Promise<void>;
  beginDrain(): void;
  stopAccepting(): Promise<void>;
  close(): Promise<void>;
}

/** Makes forwarders of one engine. */
export interface ForwarderFixture {
  start(settings: ForwarderSettings): Promise<RunningForwarder>;
}
