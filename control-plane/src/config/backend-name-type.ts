import type { SettingType } from '@headgate/shared/config/setting-types';
import { isName } from '@headgate/shared/model/name';

/** The name of a backend, which need not be there yet. */
export const backendNameType: SettingType<string> = {
  placeholder: '<name>',
  parse: (text) =>
    isName(text)
      ? { ok: true, value: text }
      : {
          ok: false,
          problem: 'is not the name of a backend',
          fix: 'use 1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit',
        },
};
