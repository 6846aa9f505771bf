/** An answer that no Redis would give. */
export class StrangeAnswerError extends Error {
  override readonly name = 'StrangeAnswerError';

  constructor() {
    super('this is no answer of Redis');
  }
}
