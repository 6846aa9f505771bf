import type { ThreadSettings } from './thread-messages.ts';

/** What threads get of the settings of the process: nothing that is secret. */
export function threadSettingsOf(settings: ThreadSettings): ThreadSettings {
  const { engine, trustedProxies, accessLog, versionHeader, logLevel } = settings;
  const { clientConnections, headerBytes, requestLineBytes, headerFields } = settings;
  const { headerTimeoutMs, keepAliveTimeoutMs } = settings;
  return {
    ...{ engine, trustedProxies, accessLog, versionHeader, logLevel },
    ...{ clientConnections, headerBytes, requestLineBytes, headerFields, headerTimeoutMs, keepAliveTimeoutMs },
  };
}
