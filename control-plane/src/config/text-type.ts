import type { SettingType } from '@headgate/shared/config/setting-types';

/** Text that somebody else's system takes, so that there is no saying what is in it: no control characters, no blank ends. */
export function textType(maxLength: number): SettingType<string> {
  return {
    placeholder: '<text>',
    parse: (text) =>
      text !== '' && text.length <= maxLength && text.trim() === text && !/\p{Cc}/u.test(text)
        ? { ok: true, value: text }
        : { ok: false, problem: 'is not usable', fix: fixFor(maxLength) },
  };
}

function fixFor(maxLength: number): string {
  return `use 1 to ${maxLength} characters, no control characters, and no blanks at the ends`;
}
