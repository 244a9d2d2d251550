import { readFieldPath, type ExtendedFieldPath } from '../mailbox/extended-property.ts';
import { schemaError } from '../soap/ews-error.ts';
import { child, childText, isTrue, type XmlElement } from '../xml/read.ts';

export type BaseShape = 'IdOnly' | 'Default' | 'AllProperties';

/** FolderShape and ItemShape: which properties the caller wants. */
export interface ResponseShape {
  readonly base: BaseShape;
  /** FieldURI values, `item:Subject`. */
  readonly fields: ReadonlySet<string>;
  readonly extended: readonly ExtendedFieldPath[];
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
