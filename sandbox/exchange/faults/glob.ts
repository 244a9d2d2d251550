/** A pattern with `*` and `?`, matched against the whole text without regard to case. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'is');
  return (text) => expression.test(text);
}
