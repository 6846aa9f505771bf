/**
 * Where forwarders listen during the suite. Ports are drawn anew all the time, and clients of other tests that run
 * beside it may call one that was theirs before: on Linux, where all of 127.0.0.0/8 is this machine, they call another
 * address. Connections are counted here, so a stranger would look like a leak.
 */
export const forwarderAddress = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
