import { ewsMessageError } from '../soap/ews-error.ts';
import type { XmlElement } from '../xml/read.ts';

/** One page, and the paging attributes that go with it. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Exchange never returns more, whatever was asked for. */
const FIND_LIMIT = 1_000;

/**
 * Cuts the page out that an Indexed or Fractional view asks for. It must be honest: a client goes on asking until
 * IncludesLastItemInRange is true, for ever if it never is.
 */
export function cutPage<T>(all: readonly T[], view: XmlElement | undefined): Page<T> {
  const asked = numberAttribute(view, 'MaxEntriesReturned');
  if (asked !== undefined && asked <= 0) throw ewsMessageError('ErrorInvalidPagingMaxRows');
  const size = Math.min(asked ?? FIND_LIMIT, FIND_LIMIT);
  const total = all.length;

  if (view?.name.startsWith('Fractional')) {
    const numerator = numberAttribute(view, 'Numerator') ?? 0;
    const denominator = numberAttribute(view, 'Denominator') ?? 1;
    if (numerator < 0 || denominator < 1 || numerator > denominator) {
      throw ewsMessageError('ErrorInvalidFractionalPagingParameters');
    }
    const start = Math.floor((total * numerator) / denominator);
    const end = Math.min(start + size, total);
    return {
      entries: all.slice(start, end),
      attributes: pagingAttributes(total, end === total, { NumeratorOffset: end, AbsoluteDenominator: total }),
    };
  }

  const offset = numberAttribute(view, 'Offset') ?? 0;
  if (offset < 0) throw ewsMessageError('ErrorInvalidIndexedPagingParameters');
  if (view?.attributes.get('BasePoint') === 'End') {
    const end = Math.max(total - offset, 0);
    const start = Math.max(end - size, 0);
    return {
      entries: all.slice(start, end),
      attributes: pagingAttributes(total, start === 0, { IndexedPagingOffset: total - start }),
    };
  }
  const start = Math.min(offset, total);
  const end = Math.min(start + size, total);
  return {
    entries: all.slice(start, end),
    attributes: pagingAttributes(total, end === total, { IndexedPagingOffset: end }),
  };
}

function pagingAttributes(
  total: number,
  isLast: boolean,
  offsets: Readonly<Record<string, number>>,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(offsets)) attributes[name] = String(value);
  attributes['TotalItemsInView'] = String(total);
  attributes['IncludesLastItemInRange'] = String(isLast);
  return attributes;
}

function numberAttribute(element: XmlElement | undefined, name: string): number | undefined {
  const text = element?.attributes.get(name);
  return text === undefined ? undefined : Number(text);
}
