import { settingsLimits, type EmailSettings, type Environment } from '../services/model/environment.ts';
import type { Direction } from '../services/model/mailbox.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import { noProfileChoice, type SettingsField, type SettingsProblems } from '../services/model/settings-input.ts';
import { sectionFields, type FormSection } from '../services/model/settings-section.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { settingsFacts } from './settings-changes.ts';
import { fieldError, otherSettingsPages, settingsStateWord, type SettingsWord } from './settings-pages.ts';
import { methodWord } from './status-words.ts';
import template from './templates/settings.json' with { type: 'json' };
import { mostStaticChoices, staticChoices, typeaheadInput, type TypeaheadChoice } from './typeahead-input.ts';

export interface SettingsCardState {
  readonly section: FormSection;
  readonly word: SettingsWord;
  /** What is wrong with which field; then `typed` is shown again. */
  readonly problems: SettingsProblems;
  /** What was typed and is not saved, by field. */
  readonly typed: Readonly<Record<string, string>>;
}

/** As a command shows them: the first page, nothing typed. */
export const settingsAtFirst: SettingsCardState = { section: 'delivery', word: 'current', problems: {}, typed: {} };

const methodsOf: Readonly<Record<Direction, readonly number[]>> = {
  incoming: [2, 0, 1, 3],
  outgoing: [2, 0, 1],
  act: [1, 2, 0],
};

/** The sentences beside the switches; the label above each is its name. */
const switchTitles = {
  requireApprovalForUsers: 'settings.users-title',
  requireApprovalForQueues: 'settings.queues-title',
  fourEyes: 'settings.four-eyes-title',
  selfApproval: 'settings.self-approval-title',
  allowAdBasedAuthenticationProtocols: 'settings.ntlm-title',
  organizationStamp: 'settings.stamp-title',
  alertsForErrors: 'settings-form.errors-title',
  alertsForWarnings: 'settings-form.warnings-title',
  alertsForInformation: 'settings-form.information-title',
  notifyMailboxOwner: 'owner-settings.title',
} as const satisfies Partial<Record<SettingsField, string>>;

/**
 * The organization's email settings: one page of the form, and for whoever may not change them, all values. Each page is
 * saved by itself, so that none is longer than a phone shows.
 */
export function settingsCard(
  environment: Environment,
  profiles: readonly EmailServerProfile[],
  state: SettingsCardState,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { settings, revision } = environment;
  const { section, word, problems } = state;
  const name = plainText(environment.name);
  const wrong = Object.keys(problems).length;
  const mayChange = mayUse(context, 'manage');
  const isFirst = section === 'delivery';
  const names = Object.fromEntries(profiles.map((profile) => [profile.id, profile.name]));
  const save = { verb: 'settings.save', title: say('button.save'), id: section, revision } as const;
  const mayApply = word === 'saved' && isFirst && profiles.length > 0;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('settings.title'),
        stateWord(say, state, wrong),
        say('settings-form.place', { name, section: say(`settings-section.${section}`) }),
      ),
      banner: remark(settings.emailConnectionChannel === 1 ? say('router.banner') : null, 'Warning'),
      intro: remark(mayChange ? intro(say, section) : null),
      inputs: mayChange ? inputsOf(section, settings, profiles, state, context) : [],
      facts: mayChange ? [] : cardFacts(settingsFacts(say, settings, names)),
      next: nextStep(context, say(mayChange ? nextKey(state, wrong, profiles.length) : 'settings-form.reader-next')),
      actions: mayChange
        ? cardButtons(context, [
            mayApply ? commandButton(say('button.apply-defaults'), 'apply defaults', 'positive') : null,
            mayApply ? save : { ...save, style: 'positive' },
            isFirst && profiles.length === 0 ? commandButton(say('button.create-profile'), 'create profile') : null,
            otherSettingsPages(say, section, revision),
          ])
        : [],
    },
    say(summaryKey(state, wrong), { name }),
    context,
  );
}

function intro(say: Say, section: FormSection): string {
  return section === 'delivery' ? say('settings.intro') : say(`settings-intro.${section}`);
}

function inputsOf(
  section: FormSection,
  settings: EmailSettings,
  profiles: readonly EmailServerProfile[],
  { problems, typed }: SettingsCardState,
  context: CardContext,
): object[] {
  const say = speaker(context);
  return sectionFields[section].flatMap((field) => [
    { ...inputOf(say, field, settings, profiles, typed), id: field, label: say(`settings.${field}`) },
    ...fieldError(problems[field], (name) => say(`settings.${name}`), context),
    ...noteOf(say, field),
  ]);
}

function inputOf(
  say: Say,
  field: SettingsField,
  settings: EmailSettings,
  profiles: readonly EmailServerProfile[],
  typed: Readonly<Record<string, string>>,
): object {
  const value = typed[field] ?? String(settings[field] ?? noProfileChoice);
  switch (field) {
    case 'emailConnectionChannel':
      return choice(
        say,
        value,
        [0, 1].map((channel) => [say(`settings-channel.${channel}`), String(channel)]),
      );
    case 'defaultProfileId':
      return profileInput(say, value, profiles);
    case 'incomingMethod':
      return choice(say, value, methodChoices(say, 'incoming'));
    case 'outgoingMethod':
      return choice(say, value, methodChoices(say, 'outgoing'));
    case 'actMethod':
      return choice(say, value, methodChoices(say, 'act'));
    case 'maxUploadFileSizeKb':
      // A field for text: one for numbers would show nothing of what was typed wrong. The server says what is wrong with it.
      return { type: 'Input.Text', value: value.slice(0, 20), maxLength: 20 };
    case 'blockedAttachments':
      return {
        type: 'Input.Text',
        isMultiline: true,
        value: value.slice(0, settingsLimits.blockedAttachments),
        maxLength: settingsLimits.blockedAttachments,
      };
    default:
      return {
        type: 'Input.Toggle',
        title: say(switchTitles[field]),
        value: value === 'true' ? 'true' : 'false',
        valueOn: 'true',
        valueOff: 'false',
        wrap: true,
      };
  }
}

function choice(say: Say, value: string, choices: readonly (readonly [title: string, value: string])[]): object {
  const known = choices.some(([, one]) => one === value);
  return {
    type: 'Input.ChoiceSet',
    style: 'compact',
    isRequired: true,
    errorMessage: say('settings.missing'),
    ...(known ? { value } : {}),
    choices: choices.map(([title, one]) => ({ title, value: one })),
  };
}

function methodChoices(say: Say, direction: Direction): [string, string][] {
  return methodsOf[direction].map((method) => [methodWord(say, direction, method), String(method)]);
}

/** More profiles than a list can show are found by typing. */
function profileInput(say: Say, value: string, profiles: readonly EmailServerProfile[]): object {
  const named = profiles.map(({ id, name }): TypeaheadChoice => ({ title: plainText(name, 80), value: id }));
  const none: TypeaheadChoice = { title: say('settings.no-profile'), value: noProfileChoice };
  if (named.length <= mostStaticChoices)
    return choice(
      say,
      value,
      [...named, none].map(({ title, value: id }) => [title, id]),
    );
  return typeaheadInput({
    id: 'defaultProfileId',
    label: say('settings.defaultProfileId'),
    dataset: 'profiles',
    choices: [...staticChoices(named, value), none],
    value,
    missing: say('settings.missing'),
  });
}

/** What a field means, below it. */
function noteOf(say: Say, field: SettingsField): object[] {
  const notes: Partial<Record<SettingsField, string>> = {
    emailConnectionChannel: 'settings-form.channel-note',
    requireApprovalForQueues: 'settings.approval-note',
    fourEyes: 'settings.four-eyes-note',
    selfApproval: 'settings.self-approval-note',
    alertsForErrors: 'settings-form.errors-note',
    alertsForWarnings: 'settings-form.warnings-note',
    alertsForInformation: 'settings-form.information-note',
    notifyMailboxOwner: 'owner-settings.note',
    maxUploadFileSizeKb: 'settings-form.size-note',
    blockedAttachments: 'settings-form.file-types-note',
    allowAdBasedAuthenticationProtocols: 'settings-form.ntlm-note',
    organizationStamp: 'settings.stamp-note',
  };
  const key = notes[field];
  if (key === undefined) return [];
  const text = say(key, {
    least: settingsLimits.maxUploadFileSizeKb.least,
    most: settingsLimits.maxUploadFileSizeKb.most,
  });
  return [{ type: 'TextBlock', text, wrap: true, isSubtle: true, size: 'Small', spacing: 'None' }];
}

function summaryKey({ word }: SettingsCardState, wrong: number): string {
  if (wrong > 0) return 'settings.wrong-summary';
  switch (word) {
    case 'waiting':
      return 'settings.waiting-summary';
    case 'saved':
      return 'settings.saved-summary';
    case 'stale':
      return 'settings-form.stale-summary';
    default:
      return 'settings.summary';
  }
}

function nextKey({ word, section }: SettingsCardState, wrong: number, profileCount: number): string {
  if (wrong > 0) return 'settings-form.correct-next';
  if (word === 'waiting') return 'settings.waiting-next';
  if (word === 'stale') return 'settings-form.stale-next';
  if (section === 'delivery' && profileCount === 0) return 'settings.profile-next';
  if (word === 'saved') return section === 'delivery' ? 'settings.saved-next' : 'settings-form.saved-next';
  return word === 'unchanged' ? 'settings-form.unchanged-next' : 'settings-form.next';
}

function stateWord(say: Say, { word }: SettingsCardState, wrong: number): StateWord {
  if (wrong > 0) return { text: say('draft.to-correct', { count: wrong }), color: 'Attention' };
  return settingsStateWord(say, word, { text: say('settings.current'), color: 'Accent' });
}
