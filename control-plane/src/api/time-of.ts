/** A data plane's clock may say anything; beyond what a date can hold it is the epoch's begin. */
export function timeOf(unixMs: number): string {
  const time = new Date(unixMs);
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString();
}
