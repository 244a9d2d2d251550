import type { StoredItem } from '../mailbox/item.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { given, givenOr, givenText } from './given-property.ts';

/** CompleteName of the schema, and the property each part comes from. */
const NAME_PARTS = [
  ['FirstName', 'GivenName'],
  ['MiddleName', 'MiddleName'],
  ['LastName', 'Surname'],
  ['Suffix', 'Generation'],
  ['Initials', 'Initials'],
  ['FullName', 'DisplayName'],
  ['Nickname', 'Nickname'],
] as const;

/** The properties of ContactItemType: what was set, and the names that follow from it. */
export function contactProperty(name: string, item: StoredItem): XmlNode | undefined {
  switch (name) {
    case 'CompleteName':
      return completeName(item);
    case 'DisplayName':
      return given(name, item) ?? named(name, displayName(item));
    case 'FileAs':
      return given(name, item) ?? named(name, displayName(item));
    case 'HasPicture':
      return textElement(
        't:HasPicture',
        item.content.attachments.some(({ isContactPhoto }) => isContactPhoto),
      );
    case 'ContactSource':
      return givenOr(name, item, 'Store');
    default:
      return given(name, item);
  }
}

function displayName(item: StoredItem): string {
  const parts = ['GivenName', 'MiddleName', 'Surname'].flatMap((part) => givenText(part, item) ?? []);
  return parts.join(' ') || (givenText('CompanyName', item) ?? '');
}

function named(name: string, text: string): XmlNode | undefined {
  return text === '' ? undefined : textElement(`t:${name}`, text);
}

function completeName(item: StoredItem): XmlNode | undefined {
  const parts = NAME_PARTS.flatMap(([part, source]): XmlNode[] => {
    const text = givenText(source, item) ?? (part === 'FullName' ? displayName(item) : '');
    return text === '' ? [] : [textElement(`t:${part}`, text)];
  });
  return parts.length === 0 ? undefined : element('t:CompleteName', {}, ...parts);
}
