/**
 * Fields that have their place in the model and the wire format but do nothing yet, by the `id` of their object's schema.
 * The schemas refuse them; a fault says that a later release brings them, instead of calling them unknown.
 */
const laterFields: Readonly<Record<string, readonly string[]>> = {
  ConfigurationOutline: ['listeners', 'secrets'],
};

/** Whether a later release brings this field of this object. */
export function comesLater(schemaId: string | undefined, field: string): boolean {
  if (schemaId === undefined || !Object.hasOwn(laterFields, schemaId)) return false;
  return laterFields[schemaId]!.includes(field);
}
