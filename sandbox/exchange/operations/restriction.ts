import { readFieldPath, type ExtendedFieldPath } from '../mailbox/extended-property.ts';
import { readMoment } from '../mailbox/moment.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, descend, type XmlElement } from '../xml/read.ts';
import { fieldUri, readIndexedPath, type IndexedPath } from './response-shape.ts';

/** Something whose properties can be compared. */
export interface PropertySource {
  /** The values of a FieldURI as text; undefined where there is none, ErrorUnsupportedPathForQuery if it cannot be. */
  field(uri: string): readonly string[] | undefined;
  /** One entry of a property that has several, such as an address of a contact. */
  indexed(path: IndexedPath): readonly string[] | undefined;
  extended(path: ExtendedFieldPath): readonly string[] | undefined;
}

export type Test = (source: PropertySource) => boolean;
export type ReadProperty = (source: PropertySource) => readonly string[] | undefined;

type Ordering = (difference: number) => boolean;

const COMPARISONS: ReadonlyMap<string, Ordering> = new Map([
  ['IsEqualTo', (difference: number) => difference === 0],
  ['IsGreaterThan', (difference: number) => difference > 0],
  ['IsGreaterThanOrEqualTo', (difference: number) => difference >= 0],
  ['IsLessThan', (difference: number) => difference < 0],
  ['IsLessThanOrEqualTo', (difference: number) => difference <= 0],
]);

/** A Restriction element as a test; no restriction takes everything. */
export function readRestriction(restriction: XmlElement | undefined): Test {
  const expression = restriction?.children[0];
  return expression ? readExpression(expression) : () => true;
}

function readExpression(expression: XmlElement): Test {
  const { name, children } = expression;
  if (name === 'And') {
    const tests = children.map(readExpression);
    return (source) => tests.every((test) => test(source));
  }
  if (name === 'Or') {
    const tests = children.map(readExpression);
    return (source) => tests.some((test) => test(source));
  }
  const first = children[0];
  if (!first) throw ewsMessageError('ErrorUnsupportedPathForQuery');
  if (name === 'Not') {
    const test = readExpression(first);
    return (source) => !test(source);
  }
  const read = readProperty(first);
  if (name === 'Exists') return (source) => read(source) !== undefined;
  if (name === 'Contains') return contains(expression, read);
  if (name === 'Excludes') return excludes(expression, read);
  if (name === 'IsNotEqualTo') {
    const isEqual = compare(expression, read, (difference) => difference === 0);
    return (source) => !isEqual(source);
  }
  const ordering = COMPARISONS.get(name);
  if (!ordering) throw ewsMessageError('ErrorUnsupportedPathForQuery');
  return compare(expression, read, ordering);
}

/** A FieldURI, IndexedFieldURI or ExtendedFieldURI element as a way to read that property. */
export function readProperty(path: XmlElement): ReadProperty {
  if (path.name === 'FieldURI') {
    const uri = fieldUri(path);
    return (source) => source.field(uri);
  }
  if (path.name === 'IndexedFieldURI') {
    const indexed = readIndexedPath(path);
    return (source) => source.indexed(indexed);
  }
  if (path.name !== 'ExtendedFieldURI') throw ewsMessageError('ErrorUnsupportedPathForQuery');
  const extended = readFieldPath(path);
  return (source) => source.extended(extended);
}

function compare(expression: XmlElement, read: ReadProperty, ordering: Ordering): Test {
  const operand = child(expression, 'FieldURIOrConstant')?.children[0];
  if (!operand) throw ewsMessageError('ErrorUnsupportedPathForQuery');
  const constant = operand.attributes.get('Value');
  const other: ReadProperty = operand.name === 'Constant' ? () => [constant ?? ''] : readProperty(operand);
  return (source) => {
    const left = read(source);
    const right = other(source)?.[0];
    if (!left || right === undefined) return false;
    return left.some((value) => ordering(order(value, right)));
  };
}

/** True where none of the bits is set; a property that is missing has none. */
function excludes(expression: XmlElement, read: ReadProperty): Test {
  const mask = Number(child(expression, 'Bitmask')?.attributes.get('Value') ?? 0);
  return (source) => (Number(read(source)?.[0] ?? 0) & mask) === 0;
}

function contains(expression: XmlElement, read: ReadProperty): Test {
  const comparison = expression.attributes.get('ContainmentComparison') ?? 'Exact';
  const mode = expression.attributes.get('ContainmentMode') ?? 'FullString';
  const fold = (text: string): string => (comparison === 'Exact' ? text : text.toLowerCase());
  const wanted = fold(descend(expression, 'Constant')?.attributes.get('Value') ?? '');
  const matches = (text: string): boolean => {
    if (mode === 'FullString') return text === wanted;
    if (mode === 'Prefixed') return text.startsWith(wanted);
    if (mode === 'PrefixOnWords') return text.split(/\s+/).some((word) => word.startsWith(wanted));
    if (mode === 'ExactPhrase') return ` ${text} `.includes(` ${wanted} `);
    return text.includes(wanted);
  };
  return (source) => read(source)?.some((value) => matches(fold(value))) ?? false;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\dT/;
const TRUTHS = ['false', 'true'];

/** Numbers and dates by value; texts without regard to case, as the store compares them. */
export function order(left: string, right: string): number {
  if (NUMBER.test(left) && NUMBER.test(right)) return Number(left) - Number(right);
  if (DATE.test(left) && DATE.test(right)) return readMoment(left) - readMoment(right);
  if (TRUTHS.includes(left) || TRUTHS.includes(right)) return truth(left) - truth(right);
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A boolean may be written as a word or a digit. */
function truth(text: string): number {
  return text.toLowerCase() === 'true' || text === '1' ? 1 : 0;
}
