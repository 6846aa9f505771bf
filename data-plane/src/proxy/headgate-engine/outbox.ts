/** Something that is handed over to the system at the end of a turn. */
export interface Posted {
  post(): void;
}

/**
 * What is handed over to the system at the end of the event loop's turn, when everything that has come has been dealt with.
 * Those at the other ends are woken once for all that is for them: by a write in between they would be woken for each.
 * That is the better part of what a write costs.
 */
export class Outbox {
  #posted: Posted[] = [];
  readonly #empty = (): void => {
    const posted = this.#posted;
    this.#posted = [];
    for (const each of posted) each.post();
  };

  /** To be handed over in this turn, once. */
  add(posted: Posted): void {
    if (this.#posted.push(posted) === 1) setImmediate(this.#empty);
  }
}
