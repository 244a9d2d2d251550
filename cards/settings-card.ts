import { translate } from '../locales/translate.ts';
import type { EmailSettings, Environment } from '../services/model/environment.ts';
import type { Direction } from '../services/model/mailbox.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { methodWord } from './status-words.ts';
import template from './templates/settings.json' with { type: 'json' };

export interface SettingsCardState {
  readonly saved: boolean;
  /** The change waits for a second person; the values shown are the old ones. */
  readonly waiting?: boolean;
  /** What is wrong with a field, or with the form as a whole: a code for `error.*`. */
  readonly errors: Readonly<Partial<Record<keyof EmailSettings | 'form', string>>>;
}

/** What the choice of the default profile sends when none is chosen: a choice needs a value. */
export const noProfileChoice = 'none';

const fields = [
  'defaultProfileId',
  'incomingMethod',
  'outgoingMethod',
  'actMethod',
  'requireApprovalForUsers',
  'requireApprovalForQueues',
  'allowAdBasedAuthenticationProtocols',
  'organizationStamp',
] as const satisfies readonly (keyof EmailSettings)[];

const methodsOf: Readonly<Record<Direction, readonly number[]>> = {
  incoming: [2, 0, 1, 3],
  outgoing: [2, 0, 1],
  act: [1, 2, 0],
};

/** A drop-down list of more than this is of no use, and would not fit the card. */
const mostProfiles = 60;

/** The organization's email settings as a form. */
export function settingsCard(
  environment: Environment,
  profiles: readonly EmailServerProfile[],
  { saved, errors, waiting = false }: SettingsCardState,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { settings, environmentId, revision } = environment;
  const wrong = fields.filter((field) => errors[field] !== undefined).length + (errors.form === undefined ? 0 : 1);
  const save = { verb: 'settings.save', title: say('button.save'), id: environmentId, revision } as const;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('settings.title'), stateWord(say, saved, waiting, wrong), plainText(environment.name)),
      formError: fieldError(errors.form, 'form', context),
      intro: say('settings.intro'),
      labels: Object.fromEntries(fields.map((field) => [field, say(`settings.${field}`)])),
      titles: {
        requireApprovalForUsers: say('settings.users-title'),
        requireApprovalForQueues: say('settings.queues-title'),
        allowAdBasedAuthenticationProtocols: say('settings.ntlm-title'),
        organizationStamp: say('settings.stamp-title'),
      },
      missing: say('settings.missing'),
      values: {
        ...Object.fromEntries(fields.map((field) => [field, String(settings[field])])),
        defaultProfileId: settings.defaultProfileId ?? noProfileChoice,
      },
      choices: {
        defaultProfileId: profileChoices(profiles, settings.defaultProfileId, say),
        incomingMethod: methodChoices(say, 'incoming'),
        outgoingMethod: methodChoices(say, 'outgoing'),
        actMethod: methodChoices(say, 'act'),
      },
      errors: Object.fromEntries(fields.map((field) => [field, fieldError(errors[field], field, context)])),
      approvalNote: say('settings.approval-note'),
      stampNote: say('settings.stamp-note'),
      next: nextStep(context, say(nextKey(saved, waiting, profiles.length))),
      actions: cardButtons(context, [
        saved && profiles.length > 0 ? commandButton(say('button.apply-defaults'), 'apply defaults', 'positive') : null,
        saved && profiles.length > 0 ? save : { ...save, style: 'positive' },
        profiles.length === 0 ? commandButton(say('button.create-profile'), 'create profile') : null,
      ]),
    },
    say(summaryKey(saved, waiting, wrong), { name: plainText(environment.name) }),
    context,
  );
}

function summaryKey(saved: boolean, waiting: boolean, wrong: number): string {
  if (wrong > 0) return 'settings.wrong-summary';
  if (waiting) return 'settings.waiting-summary';
  return saved ? 'settings.saved-summary' : 'settings.summary';
}

function nextKey(saved: boolean, waiting: boolean, profileCount: number): string {
  if (waiting) return 'settings.waiting-next';
  if (profileCount === 0) return 'settings.profile-next';
  return saved ? 'settings.saved-next' : 'settings.next';
}

function stateWord(say: Say, saved: boolean, waiting: boolean, wrong: number): StateWord {
  if (wrong > 0) return { text: say('draft.to-correct', { count: wrong }), color: 'Attention' };
  if (waiting) return { text: say('settings.waiting'), color: 'Warning' };
  return saved ? { text: say('state.saved'), color: 'Good' } : { text: say('settings.current'), color: 'Accent' };
}

function methodChoices(say: Say, direction: Direction): object[] {
  return methodsOf[direction].map((method) => ({ title: methodWord(say, direction, method), value: String(method) }));
}

function profileChoices(profiles: readonly EmailServerProfile[], chosen: string | null, say: Say): object[] {
  const first = profiles.filter(({ id }) => id === chosen);
  const others = profiles.filter(({ id }) => id !== chosen).slice(0, mostProfiles - first.length);
  return [
    ...[...first, ...others].map(({ id, name }) => ({ title: plainText(name, 80), value: id })),
    { title: say('settings.no-profile'), value: noProfileChoice },
  ];
}

function fieldError(code: string | undefined, field: string, context: CardContext): object[] {
  if (code === undefined) return [];
  const text = translate(context.locale, `error.${code}`, { field });
  return remark(speaker(context)('field-error', { text }), 'Attention').map((block) => ({
    ...block,
    spacing: 'Small',
  }));
}
