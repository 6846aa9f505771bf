export type UndecodableCode =
  /** The kind is not known to this release. */
  | 'unknown_kind'
  /** The bytes are no encoding of the kind. */
  | 'undecodable'
  /** A part that every object of the kind has is absent. */
  | 'missing_part'
  /** A part has a value that is not known to this release. */
  | 'unknown_value';

interface Place {
  /** `kind/name` as far as it could be read, "" when not even the kind is known. */
  readonly object: string;
  /** JSON pointer inside the object, "" for the object itself. */
  readonly field: string;
}

/** The bytes of an object that this release cannot make an object of. */
export class UndecodableObjectError extends Error {
  override readonly name = 'UndecodableObjectError';
  readonly code: UndecodableCode;
  readonly object: string;
  readonly field: string;

  constructor(code: UndecodableCode, reason: string, place: Place) {
    super(reason);
    this.code = code;
    this.object = place.object;
    this.field = place.field;
  }
}

/** The error for an absent part. */
export function missingPart(object: string, field: string): UndecodableObjectError {
  return new UndecodableObjectError('missing_part', 'is missing from the encoded object', { object, field });
}
