/** Splits the name of a stored server, `backend/address:port`. Backends' names hold no slash. */
export function splitServerName(name: string): { readonly backend: string; readonly endpoint: string } {
  const slash = name.indexOf('/');
  if (slash < 1) throw new Error(`the stored server ${JSON.stringify(name)} has no backend in its name`);
  return { backend: name.slice(0, slash), endpoint: name.slice(slash + 1) };
}
