import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import { resolveRegistration, type Registration, type RegistrationDocument } from '@headgate/shared/model/registration';

/** A backend as registrations see it. */
export interface RegisteringBackend {
  /** Undefined when it takes none. */
  readonly registration: Registration | undefined;
  /** Whether a client of this address, canonical, may register itself without a token. */
  readonly admits: (address: string) => boolean;
}

/** The backend of a name; undefined when there is none. */
export type FindBackend = (name: string) => RegisteringBackend | undefined;

/** What operators wrote of a backend. */
export interface RegistrationSettings {
  readonly registration?: RegistrationDocument | undefined;
}

const closed: RegisteringBackend = { registration: undefined, admits: () => false };

/** Looks backends up by what operators wrote of them; each document is resolved once, because every heartbeat asks. */
export function findBackends(settingsOf: (name: string) => RegistrationSettings | undefined): FindBackend {
  const resolved = new WeakMap<RegistrationDocument, RegisteringBackend>();
  return (name) => {
    const settings = settingsOf(name);
    const document = settings?.registration;
    if (settings === undefined || document === undefined) return settings && closed;
    const known = resolved.get(document);
    if (known !== undefined) return known;
    const registration = resolveRegistration(document);
    const backend = { registration, admits: createTrustedProxies(registration.networks) };
    resolved.set(document, backend);
    return backend;
  };
}
