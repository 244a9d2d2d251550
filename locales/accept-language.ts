import { fallbackLocale, isServed } from './translate.ts';

/** More than a browser sends; the header comes from anybody. */
const mostTags = 20;

/**
 * The first language of an `Accept-Language` header that Mailroom speaks, by weight and then by place
 * (RFC 9110, 12.5.4); English when there is none.
 */
export function localeOfBrowser(header: string): string {
  const asked = header
    .split(',', mostTags)
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => weight > 0 && isServed(tag))
    .sort((left, right) => right.weight - left.weight);
  return asked[0]?.tag ?? fallbackLocale;
}
