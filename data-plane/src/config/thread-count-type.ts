import { integerType, type SettingType } from '@headgate/shared/config/setting-types';

export const MOST_THREADS = 64;

const number = integerType(1, MOST_THREADS);

/** A number of threads, or `auto`. */
export const threadCountType: SettingType<number | 'auto'> = {
  placeholder: '<number>|auto',
  parse: (text) => {
    if (text === 'auto') return { ok: true, value: 'auto' };
    const parsed = number.parse(text);
    return parsed.ok ? parsed : { ...parsed, fix: `${parsed.fix}, or auto` };
  },
};
