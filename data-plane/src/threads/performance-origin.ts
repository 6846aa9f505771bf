/** When `performance.now()` of this thread was 0, in milliseconds of a clock that all threads of a machine share. */
export function performanceOrigin(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}
