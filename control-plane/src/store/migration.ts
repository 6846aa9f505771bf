/** One step of the schema. Steps that were released are never changed: a new one follows them. */
export interface Migration {
  /** The database's `user_version` after it: 1, 2, 3… without gaps. */
  readonly version: number;
  readonly sql: string;
}
