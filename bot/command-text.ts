/**
 * A message as its reader typed it, without what Teams puts around it. No pattern may look past the next `<`: with `[^>]*`
 * a message of nothing but `<p` is read to its end for each of them, and the whole bot waits.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/<at>[^<]*<\/at>/gi, ' ')
    .replaceAll(/<br\s*\/?>/gi, '\n')
    .replaceAll(/<\/?(p|div|span)[^<>]*>/gi, '\n')
    .replaceAll(/&lt;/g, '<')
    .replaceAll(/&gt;/g, '>')
    .replaceAll(/&quot;/g, '"')
    .replaceAll(/&nbsp;|\u00A0/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll(/\r\n?/g, '\n')
    .trim();
}

/** A message without the name of the bot in front that somebody typed by hand: `@Mailroom status` where nothing is to be mentioned. */
export function withoutBotName(text: string, name: string | undefined): string {
  const typed = `@${name ?? ''}`;
  if (typed === '@' || text.slice(0, typed.length).toLowerCase() !== typed.toLowerCase()) return text;
  const rest = text.slice(typed.length);
  return /^[\s,:]|^$/.test(rest) ? rest.replace(/^[\s,:]+/, '') : text;
}

/**
 * Takes the words of a command off a message: case and extra spaces do not matter. Returns what follows them (line breaks
 * and tabs kept, for pasted rows), or null when the message is not this command.
 */
export function restAfter(text: string, words: string): string | null {
  const pattern = words.split(' ').map((word) => word.replaceAll(/[^\w]/g, String.raw`\$&`));
  const match = new RegExp(String.raw`^\s*${pattern.join(String.raw`[^\S\n]+`)}(?![\w-])[^\S\n]*:?`, 'i').exec(text);
  return match === null
    ? null
    : text
        .slice(match[0].length)
        .replace(/^[^\S\n\t]+/, '')
        .trimEnd();
}

/** Distance in single-letter edits, for "did you mean". */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      current.push(
        Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + cost),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
