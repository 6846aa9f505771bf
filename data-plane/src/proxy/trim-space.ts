/**
 * Without the spaces and tabs around it, which are all the white space that fields have (RFC 9110 section 5.6.3). What
 * `trim` takes away besides, such as the no-break space, belongs to the value.
 */
export function trimSpace(text: string): string {
  return text.replace(/^[\t ]+|[\t ]+$/g, '');
}
