import { approverSetLimits, type ApproverSet } from '../services/model/approver-set.ts';
import type { Environment } from '../services/model/environment.ts';
import { setName, memberNames, scopeText, secondText, type NamesById } from './approver-set-words.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { otherSettingsPages, settingsStateWord, type SettingsWord } from './settings-pages.ts';
import template from './templates/approver-sets.json' with { type: 'json' };

export interface ApproverSetsPage {
  readonly environment: Environment;
  /** Of profiles and of people, by id. */
  readonly names: NamesById;
  /** Entra object ids of everybody who may decide, and the names of those of them who were seen. */
  readonly approvers: readonly string[];
  /** Channels that get the requests. */
  readonly channels: number;
  readonly word: SettingsWord;
}

/** Who decides about which mailboxes: the sets, everybody else, and where the requests are shown; admins change the sets here. */
export function approverSetsCard(page: ApproverSetsPage, context: CardContext): CardView {
  const { environment, names, approvers, channels, word } = page;
  const say = speaker(context);
  const { settings, revision } = environment;
  const { approverSets: sets } = settings;
  const mayChange = mayUse(context, 'manage');
  const isFull = sets.length >= approverSetLimits.sets;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('approvers.title'),
        settingsStateWord(say, word, { text: say('approvers.count', { count: approvers.length }), color: 'Accent' }),
        say('settings-form.place', { name: plainText(environment.name), section: say('settings-section.approvers') }),
      ),
      intro: remark(say('approvers.intro', { count: sets.length })),
      sets: sets.map((set) => ({ name: setName(set), lines: setLines(say, set, page).map((text) => ({ text })) })),
      facts: cardFacts([
        [say('approvers.others'), memberNames(say, approvers, names)],
        [say('approvers.where'), say('approvers.channels', { count: channels })],
        [say('settings.fourEyes'), say('settings-value.switch', { on: settings.fourEyes })],
        [say('settings.selfApproval'), say('settings-value.switch', { on: settings.selfApproval })],
      ]),
      choice: mayChange && sets.length > 0 ? [setChoice(say, sets)] : [],
      next: nextStep(context, say(nextKey(page, mayChange, isFull), { limit: approverSetLimits.sets })),
      actions: mayChange
        ? cardButtons(context, [
            approvers.length === 0 ? commandButton(say('button.roles'), 'roles', 'positive') : null,
            isFull || approvers.length === 0
              ? null
              : { verb: 'approver-set.new', title: say('button.new-set'), id: '', revision, inputs: 'none' },
            sets.length === 0 ? null : { verb: 'approver-set.edit', title: say('button.edit'), id: '', revision },
            sets.length === 0
              ? null
              : { verb: 'approver-set.delete', title: say('button.delete'), id: '', revision, style: 'destructive' },
            otherSettingsPages(say, 'approvers', revision),
          ])
        : [],
    },
    say(word === 'waiting' ? 'settings.waiting-summary' : 'approvers.summary', {
      count: sets.length,
      name: plainText(environment.name),
    }),
    context,
  );
}

function setLines(say: Say, set: ApproverSet, { environment, names, approvers }: ApproverSetsPage): string[] {
  const deciding = set.members.filter((id) => approvers.includes(id));
  const isLong = environment.settings.approverSets.length > mostInFull;
  if (isLong)
    return [
      say('approvers.about', { scope: scopeText(say, set, names) }),
      deciding.length === 0 ? say('approvers.nobody-left') : say('approvers.size', { count: deciding.length }),
    ];
  return [
    say('approvers.about', { scope: scopeText(say, set, names) }),
    deciding.length === 0
      ? say('approvers.nobody-left')
      : say('approvers.members', { members: memberNames(say, deciding, names, mostNamedInList) }),
    say('approvers.second', { second: secondText(say, set, environment.settings.approverSets) }),
  ];
}

/** Of more sets the list says how large they are; who is in one, its form shows. */
const mostInFull = 8;
const mostNamedInList = 4;

function setChoice(say: Say, sets: readonly ApproverSet[]): object {
  const [only] = sets;
  return {
    type: 'Input.ChoiceSet',
    id: 'set',
    label: say('approvers.which'),
    style: 'compact',
    isRequired: true,
    errorMessage: say('approvers.which-missing'),
    ...(sets.length === 1 && only !== undefined ? { value: only.id } : {}),
    choices: sets.map((set) => ({ title: setName(set), value: set.id })),
  };
}

function nextKey({ word, approvers, environment }: ApproverSetsPage, mayChange: boolean, isFull: boolean): string {
  if (word === 'waiting') return 'settings.waiting-next';
  if (word === 'stale') return 'settings-form.stale-next';
  if (!mayChange) return 'settings-form.reader-next';
  if (approvers.length === 0) return 'approvers.nobody-next';
  if (isFull) return 'approvers.full-next';
  return environment.settings.approverSets.length === 0 ? 'approvers.first-next' : 'approvers.next';
}
