import { readFile, readdir, readlink } from 'node:fs/promises';

/** A TCP connection of this machine to itself over 127.0.0.1. */
export interface LoopbackConnection {
  /** Of whoever has connected. */
  readonly clientPort: number;
  readonly serverPort: number;
}

/** Which of some processes has made a connection, as the kernel knows it (Linux); undefined when none of them has. */
export async function connectionOwner(
  { clientPort, serverPort }: LoopbackConnection,
  pids: readonly number[],
): Promise<number | undefined> {
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  const row = rows.find(([, local = '', remote = '']) => isPort(local, clientPort) && isPort(remote, serverPort));
  const inode = row?.[9];
  for (const pid of pids) if (inode !== undefined && (await holds(pid, `socket:[${inode}]`))) return pid;
  return undefined;
}

function isPort(address: string, port: number): boolean {
  return address.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`);
}

async function holds(pid: number, link: string): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const names = await readdir(directory).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')));
  return links.includes(link);
}
