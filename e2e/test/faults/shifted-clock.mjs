// Preloaded into a control plane (`node --import`): its wall clock goes wrong by as many milliseconds as the file that
// SHIFTED_CLOCK_FILE names says, from the moment when the file says it. Durations are not touched, as on a machine whose
// time was set.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const path = process.env.SHIFTED_CLOCK_FILE;

function offsetMs() {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [RealDate.now() + offsetMs()] : parts));
  }

  static now() {
    return RealDate.now() + offsetMs();
  }
};
