/** Line breaks, control characters, and the marks that can turn the direction of the text around them. */
export const disturbing = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]+/gu;

/** What nobody sees: two names that look alike must be alike. Joiners stay, which emoji and some scripts are written with. */
export const invisible = /\u034f|[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u3164\uffa0]/gu;

/** The empty Braille cell: a symbol by its kind, and a blank to the eye. */
const blank = '\u2800';

/** True when a reader would see something of it: a letter, a number, a sign. What only looks empty is empty. */
export function hasVisibleText(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replaceAll(invisible, '').replaceAll(blank, ''));
}

/** True for a text of which a card would leave something out: what is kept under a name must be what its readers see. */
export function hasUnseenCharacters(text: string): boolean {
  return text.search(disturbing) >= 0 || text.search(invisible) >= 0;
}
