import { ChildProcess } from '../../src/harness/child-process.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

/** A network with a loopback interface alone, of processes that may take any port of it. Needs root. */
export class PrivateNetwork {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  static async open(): Promise<PrivateNetwork> {
    const script = 'ip link set lo up && echo up && exec sleep 3600';
    const holder = ChildProcess.startProgram({ program: 'unshare', args: ['--net', 'sh', '-c', script] });
    await waitUntil('the network is there', () => holder.output.includes('up'));
    return new PrivateNetwork(holder);
  }

  /** The command that runs a command there. */
  around(command: readonly string[]): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, ...command];
  }

  close(): Promise<void> {
    return this.#holder.stop('SIGKILL');
  }
}
