import type { CompiledBackend } from './serving-table.ts';

/**
 * A backend of a restored table that is compiled when it is first asked for anything: of ten thousand backends a data
 * plane serves a few in its first moments. Whoever asks gets what a backend compiled at once would say.
 */
export class RestoredBackend implements CompiledBackend {
  readonly usedBy: number;
  readonly #compile: () => CompiledBackend;
  readonly #opened: (backend: CompiledBackend) => void;
  #compiled: CompiledBackend | undefined;

  /** `opened` is told once, right after the backend was compiled. */
  constructor(usedBy: number, compile: () => CompiledBackend, opened: (backend: CompiledBackend) => void) {
    this.usedBy = usedBy;
    this.#compile = compile;
    this.#opened = opened;
  }

  get isOpen(): boolean {
    return this.#compiled !== undefined;
  }

  get settings() {
    return this.open().settings;
  }

  get candidates() {
    return this.open().candidates;
  }

  get picker() {
    return this.open().picker;
  }

  get affinity() {
    return this.open().affinity;
  }

  get availability() {
    return this.open().availability;
  }

  get position() {
    return this.open().position;
  }

  get traffic() {
    return this.open().traffic;
  }

  /** The backend itself: the same at each call. */
  open(): CompiledBackend {
    if (this.#compiled !== undefined) return this.#compiled;
    this.#compiled = this.#compile();
    this.#opened(this.#compiled);
    return this.#compiled;
  }
}
