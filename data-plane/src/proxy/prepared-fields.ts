const ID_NAME = 'X-Request-Id';

/**
 * Fields of a message that goes out, ready for whatever id its request has: with the same fields in, and the same
 * settings, that is the one value that differs from one request to the next.
 */
export class PreparedFields {
  readonly #fields: readonly string[];
  /** Where the value of the id stands. */
  readonly #idAt: number;
  #before: string | undefined;
  #after = '';

  /** Names and values in turn, X-Request-Id with any value among them. */
  constructor(fields: readonly string[]) {
    this.#fields = fields;
    this.#idAt = indexOfId(fields);
  }

  /** Names and values in turn. */
  list(requestId: string): string[] {
    return this.#fields.with(this.#idAt, requestId);
  }

  /** As they stand in a head, each with its line end. */
  lines(requestId: string): string {
    this.#before ??= this.#join();
    return this.#before + requestId + this.#after;
  }

  /** What stands before the id is returned. Joined pieces would be gone through each time that the text is written. */
  #join(): string {
    this.#after = asOnePiece(`\r\n${fieldLines(this.#fields.slice(this.#idAt + 1))}`);
    return asOnePiece(`${fieldLines(this.#fields.slice(0, this.#idAt - 1))}${ID_NAME}: `);
  }
}

/** Fields as they stand in a head: names and values in turn, which must be valid already. */
export function fieldLines(fields: readonly string[]): string {
  let text = '';
  for (let index = 0; index + 1 < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return text;
}

/** The last one: those before it are somebody else's. */
function indexOfId(fields: readonly string[]): number {
  for (let index = fields.length - 2; index >= 0; index -= 2) if (fields[index] === ID_NAME) return index + 1;
  throw new Error(`fields without ${ID_NAME} cannot be prepared`);
}

/** latin1 only, as fields are. */
function asOnePiece(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
