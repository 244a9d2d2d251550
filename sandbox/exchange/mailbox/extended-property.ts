import { ewsMessageError } from '../soap/ews-error.ts';
import { child, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';

/** A MAPI property of an item, with the path it was written under. */
export interface ExtendedProperty {
  readonly path: ExtendedFieldPath;
  readonly values: readonly string[];
}

export interface ExtendedFieldPath {
  /** Equal for two paths to the same property, however they spell it. */
  readonly key: string;
  /** The attributes of ExtendedFieldURI as the client wrote them; they are sent back unchanged. */
  readonly attributes: Readonly<Record<string, string>>;
  /** A header of the message: such properties travel with it, others stay on the sender's copy. */
  readonly header: string | undefined;
}

/** Property sets that have a name; the same property may be addressed by either. */
const SETS: ReadonlyMap<string, string> = new Map([
  ['Meeting', '6ed8da90-450b-101b-98da-00aa003f1305'],
  ['Appointment', '00062002-0000-0000-c000-000000000046'],
  ['Common', '00062008-0000-0000-c000-000000000046'],
  ['PublicStrings', '00020329-0000-0000-c000-000000000046'],
  ['Address', '00062004-0000-0000-c000-000000000046'],
  ['InternetHeaders', '00020386-0000-0000-c000-000000000046'],
  ['CalendarAssistant', '11000e07-b51b-40d6-af21-caa85edab1d0'],
  ['UnifiedMessaging', '4442858e-a9e3-4e80-b900-317a210cc15b'],
  ['Task', '00062003-0000-0000-c000-000000000046'],
  ['Sharing', '00062040-0000-0000-c000-000000000046'],
]);
const INTERNET_HEADERS = SETS.get('InternetHeaders');

/** The key of the path to a property that has a tag. */
export function tagKey(tag: number, type: string): string {
  return `tag:${tag}:${type}`;
}

/** The key of the path to a property of a set that has a name; `local` is its number or its own name. */
export function namedKey(set: string, local: number | string, type: string): string {
  return `${SETS.get(set)}:${typeof local === 'number' ? `id:${local}` : `name:${local}`}:${type}`;
}

/** Reads an ExtendedFieldURI element; a combination of attributes Exchange refuses is ErrorInvalidExtendedProperty. */
export function readFieldPath(source: XmlElement): ExtendedFieldPath {
  const attribute = (name: string): string | undefined => source.attributes.get(name);
  const tag = attribute('PropertyTag');
  const name = attribute('PropertyName');
  const number = attribute('PropertyId');
  const named = attribute('DistinguishedPropertySetId');
  const set = attribute('PropertySetId')?.toLowerCase() ?? (named === undefined ? undefined : SETS.get(named));
  const type = attribute('PropertyType');
  const isTag = tag !== undefined && set === undefined && name === undefined && number === undefined;
  const isNamed = tag === undefined && set !== undefined && (name === undefined) !== (number === undefined);
  if (type === undefined || (!isTag && !isNamed)) throw ewsMessageError('ErrorInvalidExtendedProperty');

  const attributes = Object.fromEntries(source.attributes);
  if (tag !== undefined) return { key: tagKey(Number(tag), type), attributes, header: undefined };
  const header = set === INTERNET_HEADERS ? name : undefined;
  // Header names do not care about case; other named properties do.
  const local = number === undefined ? `name:${header?.toLowerCase() ?? name}` : `id:${Number(number)}`;
  return { key: `${set}:${local}:${type}`, attributes, header };
}

/** Reads an ExtendedProperty element of a request. */
export function readExtendedProperty(source: XmlElement): ExtendedProperty {
  const uri = child(source, 'ExtendedFieldURI');
  if (!uri) throw ewsMessageError('ErrorInvalidExtendedProperty');
  const list = child(source, 'Values');
  const values = list ? list.children.map((value) => value.text) : [child(source, 'Value')?.text ?? ''];
  return { path: readFieldPath(uri), values };
}

/** @param attributes of ExtendedFieldURI, as the caller wrote the path */
export function writeExtendedProperty(values: readonly string[], attributes: ExtendedFieldPath['attributes']): XmlNode {
  const isArray = attributes['PropertyType']?.endsWith('Array') === true;
  const nodes = values.map((value) => textElement('t:Value', value));
  return element(
    't:ExtendedProperty',
    {},
    element('t:ExtendedFieldURI', attributes),
    ...(isArray ? [element('t:Values', {}, ...nodes)] : nodes),
  );
}
