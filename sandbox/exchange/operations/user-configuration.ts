import type { ConfigurationData, ItemContent, StoredItem } from '../mailbox/item.ts';
import { ewsMessageError, schemaError } from '../soap/ews-error.ts';
import { DELETE_USER_CONFIGURATION, GET_USER_CONFIGURATION, PUT_USER_CONFIGURATION } from '../soap/sync-shapes.ts';
import { copyXml } from '../xml/copy.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import { mustBeWritable } from './access.ts';
import { resolveFolder, type FoundFolder } from './folder-ids.ts';
import { writeFolderId } from './folder-view.ts';
import { writeItemId } from './item-view.ts';
import type { Operation, OperationContext } from './operation.ts';

/**
 * User configurations (MS-OXWSUSRCFG): items of class IPM.Configuration.NAME behind a folder, each with a dictionary, an
 * XML text and a stream of bytes. Names do not care about case.
 */
const CLASS = 'IPM.Configuration.';
const PROPERTIES = ['Id', 'Dictionary', 'XmlData', 'BinaryData', 'All'];

interface Place extends FoundFolder {
  readonly name: string;
}

export const getUserConfiguration: Operation = {
  shape: GET_USER_CONFIGURATION,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const properties = child(request, 'UserConfigurationProperties');
    const wanted = properties?.text.trim().split(/\s+/) ?? [];
    if (properties && wanted.some((name) => !PROPERTIES.includes(name))) violate(properties, properties.text);
    const place = placeOf(child(request, 'UserConfigurationName'), asked);
    const item = found(place);
    const wants = (name: string): boolean => wanted.includes('All') || wanted.includes(name);
    const data = item.content.configuration;
    const part = (name: string, text: string | undefined): XmlNode | undefined =>
      text !== undefined && wants(name) ? textElement(`t:${name}`, text) : undefined;
    const configuration = element(
      'm:UserConfiguration',
      {},
      element(
        't:UserConfigurationName',
        { Name: data?.name ?? place.name },
        writeFolderId('t:FolderId', place.folder, place.context),
      ),
      wants('Id') ? writeItemId(item) : undefined,
      data?.dictionary && wants('Dictionary') ? copyXml(data.dictionary) : undefined,
      part('XmlData', data?.xmlData),
      part('BinaryData', data?.binaryData),
    );
    return { content: [configuration] };
  },
};

export const createUserConfiguration: Operation = {
  shape: PUT_USER_CONFIGURATION,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const source = child(request, 'UserConfiguration');
    const place = placeOf(child(source, 'UserConfigurationName'), asked);
    mustBeWritable(place.folder.name, place.context);
    // The code for a name that is taken is not on record; this is the one the store's refusal would become.
    if (find(place)) throw ewsMessageError('ErrorItemSave');
    place.context.mailbox.add({
      folder: place.folder.name,
      content: contentOf(readData(source, place.name)),
      at: place.context.organization.now(),
      isAssociated: true,
      isDraft: false,
      isRead: true,
      isFromMe: false,
      isSent: false,
      isReceived: false,
    });
    return { content: [] };
  },
};

export const updateUserConfiguration: Operation = {
  shape: PUT_USER_CONFIGURATION,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const source = child(request, 'UserConfiguration');
    const place = placeOf(child(source, 'UserConfigurationName'), asked);
    const item = found(place);
    mustBeWritable(place.folder.name, place.context);
    const sent = readData(source, place.name);
    const old = item.content.configuration;
    const data: ConfigurationData = {
      name: old?.name ?? place.name,
      dictionary: sent.dictionary ?? old?.dictionary,
      xmlData: sent.xmlData ?? old?.xmlData,
      binaryData: sent.binaryData ?? old?.binaryData,
    };
    const { mailbox, organization } = place.context;
    mailbox.update(item, contentOf(data), true, organization.now());
    return { content: [] };
  },
};

export const deleteUserConfiguration: Operation = {
  shape: DELETE_USER_CONFIGURATION,
  onError: [],
  parts: (request) => [request],
  answer(_part, request, asked) {
    const place = placeOf(child(request, 'UserConfigurationName'), asked);
    const item = found(place);
    mustBeWritable(place.folder.name, place.context);
    place.context.mailbox.remove(item);
    return { content: [] };
  },
};

function placeOf(source: XmlElement | undefined, context: OperationContext): Place {
  const id = source?.children[0];
  if (!source || !id) throw ewsMessageError('ErrorFolderNotFound');
  return { ...resolveFolder(id, context), name: source.attributes.get('Name') ?? '' };
}

function find({ folder, context, name }: Place): StoredItem | undefined {
  const wanted = `${CLASS}${name}`.toLowerCase();
  return context.mailbox.associatedWith(folder.name).find(({ content }) => content.itemClass.toLowerCase() === wanted);
}

function found(place: Place): StoredItem {
  const item = find(place);
  if (!item) throw ewsMessageError('ErrorItemNotFound');
  return item;
}

function readData(source: XmlElement | undefined, name: string): ConfigurationData {
  const base64 = (part: string): string | undefined => {
    const text = childText(source, part)?.replace(/\s+/g, '');
    const at = child(source, part);
    if (at && text !== undefined && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      violate(at, text);
    }
    return text;
  };
  return {
    name,
    dictionary: truthful(child(source, 'Dictionary')),
    xmlData: base64('XmlData'),
    binaryData: base64('BinaryData'),
  };
}

/** Booleans of a dictionary are written as words, however they came. */
function truthful(part: XmlElement | undefined): XmlElement | undefined {
  if (!part) return undefined;
  const isBoolean = childText(part, 'Type') === 'Boolean';
  const children = part.children.flatMap((each) => {
    const text = each.text.trim();
    if (isBoolean && each.name === 'Value' && /^[01]$/.test(text))
      return [{ ...each, text: text === '1' ? 'true' : 'false' }];
    return truthful(each) ?? [];
  });
  return { ...part, children };
}

function contentOf(configuration: ConfigurationData): ItemContent {
  return {
    kind: 'Message',
    itemClass: `${CLASS}${configuration.name}`,
    subject: '',
    body: undefined,
    importance: 'Normal',
    sensitivity: 'Normal',
    from: undefined,
    sender: undefined,
    to: [],
    cc: [],
    bcc: [],
    attachments: [],
    extendedProperties: [],
    headers: [],
    mime: undefined,
    internetMessageId: undefined,
    others: new Map(),
    configuration,
  };
}

function violate({ name, line, column }: XmlElement, value: string): never {
  throw schemaError({ line, column, text: `The '${name}' element is invalid - The value '${value}' is invalid.` });
}
