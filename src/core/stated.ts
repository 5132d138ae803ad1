/**
 * Returns the options that are given and have no default value, in the order of the names. A recipe that states a default
 * is the same as one that does not, and has the same id.
 */
export function stated<T extends object, Name extends keyof T>(
  options: T,
  names: readonly Name[],
  defaults: { readonly [Each in Name]?: unknown },
): Partial<Pick<T, Name>> {
  const given = names.filter((name) => options[name] !== undefined && options[name] !== defaults[name]);
  return Object.fromEntries(given.map((name) => [name, options[name]])) as Partial<Pick<T, Name>>;
}
