import type { CardElement } from '@microsoft/teams.cards';
import { faultText } from '../locales/fault-text.ts';
import type { DirectoryLookup } from '../services/model/directory-lookup.ts';
import { longestQuery, lookupLimits } from '../services/model/directory-lookup.ts';
import { importRowLimit } from '../services/model/import-batch.ts';
import { cardButtons, commandButton, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { faultNote, nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/lookup.json' with { type: 'json' };

/** What the card says of the records beside the look-up. */
export interface LookupDetails {
  /** Null while it is asked for, and of one that is gone. */
  readonly profileName: string | null;
  /** The profiles to choose from. */
  readonly profiles: readonly { readonly id: string; readonly name: string }[];
}

/** A look-up in the address book: under way, with a question, or its end. The dry run that comes of it is a card of its own. */
export function lookupCard(lookup: DirectoryLookup, details: LookupDetails, context: CardContext): CardView {
  const say = speaker(context);
  const { state, query, problem, fault, target, progress, hasMore } = lookup;
  const words = {
    query: plainText(query, longestQuery),
    members: progress.members,
    groups: progress.groups,
    more: hasMore,
    rows: importRowLimit,
    lists: lookupLimits.groups,
  };
  const part = state === 'failed' && problem !== null ? `problem.${problem}` : state;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('lookup.title'), stateWord(say, state)),
      intro: say(`lookup.${part}.intro`, words),
      facts: cardFacts([
        [say('lookup.query'), words.query],
        [say('fact.profile'), details.profileName === null ? null : plainText(details.profileName)],
        [say('lookup.found'), target === null ? null : entryText(target)],
        [say('lookup.members'), progress.groups === 0 ? null : say('lookup.members-text', words)],
      ]),
      fault: state === 'failed' && fault !== null ? faultNote(context, fault, 'attention') : [],
      inputs: inputs(say, lookup, details),
      next: nextStep(context, say(`lookup.${part}.next`, words)),
      actions: cardButtons(context, buttons(say, lookup)),
    },
    fault === null
      ? say(`lookup.${part}.summary`, words)
      : say('lookup.failed.summary-fault', { title: faultText(context.locale, fault).title }),
    context,
  );
}

function stateWord(say: Say, state: DirectoryLookup['state']): StateWord {
  const colors: Readonly<Record<DirectoryLookup['state'], StateWord['color']>> = {
    'asking-profile': 'Warning',
    working: 'Accent',
    choosing: 'Warning',
    failed: 'Attention',
    done: 'Good',
    cancelled: 'Default',
  };
  return { text: say(`lookup.${state}.state`), color: colors[state] };
}

function inputs(say: Say, { state, choices }: DirectoryLookup, { profiles }: LookupDetails): CardElement[] {
  if (state === 'asking-profile')
    return [choiceSet('profileId', say('fact.profile'), say('lookup.profile-missing'), profiles.map(profileChoice))];
  if (state !== 'choosing') return [];
  const entries = choices.map((entry, place) => ({ title: entryText(entry, say), value: String(place) }));
  return [choiceSet('choice', say('lookup.choice'), say('lookup.choice-missing'), entries)];
}

const profileChoice = ({ id, name }: { readonly id: string; readonly name: string }) => ({
  title: plainText(name),
  value: id,
});

/** A drop-down list, which shows names as they are written. */
function choiceSet(
  id: string,
  label: string,
  errorMessage: string,
  choices: readonly { readonly title: string; readonly value: string }[],
): CardElement {
  return {
    type: 'Input.ChoiceSet',
    id,
    label,
    style: 'compact',
    isRequired: true,
    errorMessage,
    value: choices[0]?.value ?? '',
    choices: [...choices],
  };
}

function entryText({ name, address, kind }: DirectoryLookup['choices'][number], say?: Say): string {
  const [shown, where] = [plainText(name, 60), plainText(address, 80)];
  const named = shown === '' || shown === where ? where : `${shown} · ${where}`;
  return say === undefined ? named : `${named} · ${say(`lookup.kind.${kind}`)}`;
}

function buttons(say: Say, { id, revision, state }: DirectoryLookup): (Button | null)[] {
  const cancel: Button = { verb: 'lookup.cancel', title: say('button.cancel'), id, revision, inputs: 'none' };
  const again = commandButton(say('button.import-mailboxes'), 'import mailboxes');
  switch (state) {
    case 'asking-profile':
      return [{ verb: 'lookup.use-profile', title: say('lookup.look-up'), id, revision, style: 'positive' }, cancel];
    case 'working':
      return [cancel];
    case 'choosing':
      return [{ verb: 'lookup.choose', title: say('lookup.use-entry'), id, revision, style: 'positive' }, cancel];
    case 'failed':
      return [
        { verb: 'lookup.repeat', title: say('lookup.repeat'), id, revision, style: 'positive', inputs: 'none' },
        again,
        cancel,
      ];
    case 'done':
      return [];
    case 'cancelled':
      return [again];
  }
}
