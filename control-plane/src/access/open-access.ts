import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { AccessStore } from '../store/access-store.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { AuditLog, type RefusedRequest } from './audit-log.ts';
import { JoinTokens } from './join-tokens.ts';
import { TokenRegister } from './token-register.ts';

export interface AccessOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly joinToken: string;
  /** Where the join token came from; undefined when a setting has given it. */
  readonly joinTokenFile: string | undefined;
  /** Of one network within a minute. Default 20. */
  readonly badTokensPerMinute?: number;
  /** Told of every request that was refused. */
  readonly observe?: (refusal: RefusedRequest) => void;
}

/** Who may, and who did. */
export interface Access {
  readonly tokens: TokenRegister;
  readonly joinTokens: JoinTokens;
  readonly audit: AuditLog;
  readonly attempts: AttemptLimit;
  /** Keeps what waits to be kept. The store stays open. */
  close(): Promise<void>;
}

/** Reads tokens from the store, and keeps the audit log there. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const { store, clock, logger, joinToken: token, joinTokenFile: file, badTokensPerMinute } = options;
  const joinTokens = await JoinTokens.create({ token, file, store, clock });
  const tokens = await TokenRegister.create({ store, clock, logger });
  const audit = new AuditLog({ store, clock, logger, ...(options.observe && { observe: options.observe }) });
  const attempts = new AttemptLimit({ clock, ...(badTokensPerMinute && { attempts: badTokensPerMinute }) });
  return {
    ...{ tokens, joinTokens, audit, attempts },
    async close() {
      joinTokens.close();
      await tokens.close();
      await audit.close();
    },
  };
}
