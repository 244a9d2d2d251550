import { fileTypesMissing, fileTypesOf } from '../services/model/blocked-attachments.ts';
import type { EmailSettings } from '../services/model/environment.ts';
import type { SettingsField } from '../services/model/settings-input.ts';
import { formSections, sectionFields } from '../services/model/settings-section.ts';
import type { FactLine } from './card-facts.ts';
import type { Say } from './card-text.ts';
import { setChanges, type NamesById } from './approver-set-words.ts';
import { plainText } from './plain-text.ts';
import { methodWord } from './status-words.ts';

/** File types that a card names; of more it says how many. */
const mostNamed = 12;

/** All fields, as the pages of the form have them. */
const allFields: readonly SettingsField[] = formSections.flatMap((section) => sectionFields[section]);

/** Every setting with its value of now. */
export function settingsFacts(say: Say, settings: EmailSettings, names: NamesById): FactLine[] {
  const sets = say('settings-value.sets', { count: settings.approverSets.length });
  return [
    ...allFields.map((field): FactLine => [say(`settings.${field}`), settingValue(say, field, settings, names)]),
    [say('settings-section.approvers'), sets],
  ];
}

/** The settings that differ: `before → after`. */
export function settingsChanges(
  say: Say,
  before: EmailSettings,
  after: EmailSettings,
  names: NamesById,
): [string, string][] {
  const fields = allFields
    .filter((field) => before[field] !== after[field])
    .map((field): [string, string] => [
      say(`settings.${field}`),
      field === 'blockedAttachments'
        ? fileTypesChange(say, before.blockedAttachments, after.blockedAttachments)
        : say('settings-change', {
            before: settingValue(say, field, before, names),
            after: settingValue(say, field, after, names),
          }),
    ]);
  return [...fields, ...setChanges(say, before.approverSets, after.approverSets, names)];
}

function settingValue(say: Say, field: SettingsField, settings: EmailSettings, names: NamesById): string {
  switch (field) {
    case 'emailConnectionChannel':
      return say(`settings-channel.${settings[field]}`);
    case 'defaultProfileId':
      return profileName(say, settings[field], names);
    case 'incomingMethod':
      return methodWord(say, 'incoming', settings[field]);
    case 'outgoingMethod':
      return methodWord(say, 'outgoing', settings[field]);
    case 'actMethod':
      return methodWord(say, 'act', settings[field]);
    case 'requireApprovalForUsers':
    case 'requireApprovalForQueues':
      return say('settings-value.required', { on: settings[field] });
    case 'maxUploadFileSizeKb':
      return say('settings-value.size', { count: settings[field] });
    case 'blockedAttachments':
      return say('settings-value.file-types', { count: fileTypesOf(settings[field]).length });
    case 'fourEyes':
    case 'selfApproval':
    case 'alertsForErrors':
    case 'alertsForWarnings':
    case 'alertsForInformation':
    case 'notifyMailboxOwner':
    case 'allowAdBasedAuthenticationProtocols':
    case 'organizationStamp':
      return say('settings-value.switch', { on: settings[field] });
  }
}

function profileName(say: Say, id: string | null, names: NamesById): string {
  if (id === null) return say('settings.no-profile');
  return plainText((Object.hasOwn(names, id) ? names[id] : undefined) ?? say('settings-value.gone'), 80);
}

/** A list of a hundred types is not read twice: what leaves it and what joins it. */
function fileTypesChange(say: Say, before: string, after: string): string {
  const fewer = fileTypesMissing(before, after);
  const more = fileTypesMissing(after, before);
  const parts = [
    fewer.length === 0 ? [] : [say('settings-change.fewer', { types: fileTypeNames(say, fewer) })],
    more.length === 0 ? [] : [say('settings-change.more', { types: fileTypeNames(say, more) })],
  ].flat();
  return parts.length === 0 ? say('settings-change.order') : parts.join(' ');
}

export function fileTypeNames(say: Say, types: readonly string[]): string {
  const named = types.slice(0, mostNamed).join(', ');
  return types.length <= mostNamed ? named : say('settings-change.and', { named, count: types.length - mostNamed });
}
