import { cleanName } from './clean-name.ts';

/** Makes each name unique: the second `a.jpg` becomes `a (2).jpg`. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Map<string, number>();
  return names.map((name) => {
    let count = (seen.get(name) ?? 0) + 1;
    let unique = name;
    if (count > 1) {
      const numbered = () => name.replace(/(\.[^./]*)?$/, (extension) => ` (${count})${extension}`);
      for (unique = numbered(); taken.has(unique); unique = numbered()) count += 1;
      taken.add(unique);
    }
    seen.set(name, count);
    return unique;
  });
}

/**
 * Returns names that stay different when the API cleans them (`cleanName`). A batch can take several requests, and the
 * API sees the names of one. A name that would equal an earlier one after cleaning gets a number.
 */
export function distinctNames(names: readonly string[]): string[] {
  const clean = names.map(cleanName);
  const unique = uniqueNames(clean);
  return names.map((name, index) => {
    const other = unique[index] ?? '';
    // The API refuses a name that is empty after cleaning.
    return clean[index] === '' || clean[index] === other ? name : other;
  });
}
