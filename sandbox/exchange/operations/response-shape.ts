import { readFieldPath, type ExtendedFieldPath } from '../mailbox/extended-property.ts';
import { schemaError } from '../soap/ews-error.ts';
import { child, childText, isTrue, type XmlElement } from '../xml/read.ts';

export type BaseShape = 'IdOnly' | 'Default' | 'AllProperties';

/** `contacts:PhysicalAddress:City` of `Home`. */
export interface IndexedPath {
  readonly property: string;
  readonly part: string | undefined;
  readonly index: string;
}

/** FolderShape and ItemShape: which properties the caller wants. */
export interface ResponseShape {
  readonly base: BaseShape;
  /** FieldURI values, `item:Subject`. */
  readonly fields: ReadonlySet<string>;
  readonly extended: readonly ExtendedFieldPath[];
  /** Single entries of properties that have several, by the name of the property. */
  readonly indexed: ReadonlyMap<string, readonly IndexedPath[]>;
  readonly includeMime: boolean;
  readonly bodyType: 'Best' | 'HTML' | 'Text';
}

/** True where the property is wanted; `inBase` tells whether the base shape brings it. */
export function wants(shape: ResponseShape, fieldUri: string, inBase: boolean): boolean {
  return inBase || shape.fields.has(fieldUri);
}

export function readShape(element: XmlElement | undefined): ResponseShape {
  const base = childText(element, 'BaseShape');
  const bodyType = childText(element, 'BodyType');
  const paths = child(element, 'AdditionalProperties')?.children ?? [];
  return {
    base: base === 'AllProperties' ? 'AllProperties' : base === 'Default' ? 'Default' : 'IdOnly',
    fields: new Set(paths.filter((path) => path.name === 'FieldURI').map(fieldUri)),
    extended: paths.filter((path) => path.name === 'ExtendedFieldURI').map(readFieldPath),
    indexed: Map.groupBy(
      paths.filter((path) => path.name === 'IndexedFieldURI').map(readIndexedPath),
      ({ property }) => property,
    ),
    includeMime: isTrue(childText(element, 'IncludeMimeContent')),
    bodyType: bodyType === 'HTML' || bodyType === 'Text' ? bodyType : 'Best',
  };
}

/** The value of a FieldURI element; what cannot be in the schema's enumeration breaks the schema. */
export function fieldUri(path: XmlElement): string {
  const uri = path.attributes.get('FieldURI') ?? '';
  if (
    !/^(?:folder|item|message|meeting|meetingRequest|calendar|task|contacts|distributionlist|postitem|conversation|persona|person|role|abch|attachment|assigned)\w*:[\w:]+$/i.test(
      uri,
    )
  ) {
    throw schemaError({
      line: path.line,
      column: path.column,
      text: `The 'FieldURI' attribute is invalid - The value '${uri}' is invalid according to its datatype 'UnindexedFieldURIType'.`,
    });
  }
  return uri;
}

/** Reads an IndexedFieldURI; the property is named as its element, `contacts:EmailAddress` lies in EmailAddresses. */
export function readIndexedPath(path: XmlElement): IndexedPath {
  const [, name = '', part] = (path.attributes.get('FieldURI') ?? '').split(':');
  const plural = name.endsWith('Address') ? `${name}es` : `${name}s`;
  return { property: plural, part, index: path.attributes.get('FieldIndex') ?? '' };
}
