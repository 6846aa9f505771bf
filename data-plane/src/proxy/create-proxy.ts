import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { ServerObserver } from '../health/server-observer.ts';
import type { ServingTable } from '../routing/serving-table.ts';
import type { DrainTimers } from '../upstream/drain-timers.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import type { AccessLog } from './access-log.ts';
import { createDecide, createRefuse } from './decide.ts';
import { createForwarder } from './engines.ts';
import type { ForwarderOptions } from './forwarder-options.ts';
import type { Forwarder } from './forwarder.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { createRequestIds } from './request-id.ts';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';

export interface ProxyParts extends Pick<ForwarderOptions, 'address' | 'clients' | 'names'> {
  readonly settings: ProxySettings;
  readonly table: ReadableValue<ServingTable>;
  readonly slots: ServerSlots;
  readonly drains: DrainTimers;
  readonly metrics: ProxyMetrics;
  readonly accessLog: AccessLog | undefined;
  /** Told how attempts at servers ended. */
  readonly observer: ServerObserver;
  readonly clock: Clock;
}

/** An engine with the core behind it, not yet listening. */
export function createProxy(parts: ProxyParts): Forwarder {
  const { settings, table, slots, drains, metrics, accessLog, observer, clock, address, clients, names } = parts;
  const core = {
    ...{ table, slots, metrics, accessLog, observer, clock, showVersion: settings.versionHeader },
    cutSignal: drains.cutSignal.bind(drains),
    isTrustedProxy: createTrustedProxies(settings.trustedProxies),
    createRequestId: createRequestIds(),
  };
  const [decide, refuse] = [createDecide(core), createRefuse(core)];
  return createForwarder(settings.engine, {
    address,
    clients,
    limits: settings,
    decide,
    refuse,
    slots,
    names,
    clock,
    metrics,
  });
}
