import type { CardElement } from '@microsoft/teams.cards';
import { longestQuery } from '../services/model/directory-lookup.ts';
import { importRowLimit } from '../services/model/import-batch.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/import-sources.json' with { type: 'json' };

export interface ImportSources {
  /** Of this card: what it is used for twice is done once. */
  readonly id: string;
  /** Files can be read in a person's own chat alone. */
  readonly isPersonal: boolean;
  /** Active profiles, whose Exchange can be asked for a name or list. */
  readonly profiles: readonly { readonly id: string; readonly name: string }[];
  readonly defaultProfileId: string | null;
}

/** What one input of a card takes; more is pasted into the message. */
export const pasteLimit = 4000;

/** Where the rows of an import can come from: pasted here, a file, or a name or list of the address book. */
export function importSourcesCard(sources: ImportSources, context: CardContext): CardView {
  const say = speaker(context);
  const { id, isPersonal, profiles } = sources;
  const asks = profiles.length > 0;
  const address = { id, revision: 0 };
  return renderTemplate(
    template,
    {
      header: cardHeader(say('import.title'), { text: say('import-sources.state'), color: 'Accent' }),
      intro: say('import-sources.intro'),
      file: say(isPersonal ? 'import-sources.file' : 'import-sources.file-elsewhere', { rows: importRowLimit }),
      inputs: [
        {
          type: 'Input.Text',
          id: 'rows',
          label: say('import-sources.rows'),
          placeholder: say('import-sources.rows-example'),
          isMultiline: true,
          maxLength: pasteLimit,
        },
        ...(asks ? directoryInputs(sources, context) : []),
      ],
      next: nextStep(context, say(asks ? 'import-sources.next' : 'import-sources.next-no-profile')),
      actions: cardButtons(context, [
        { verb: 'import.paste', title: say('import-sources.paste'), ...address, style: 'positive' },
        asks ? { verb: 'import.look-up', title: say('lookup.look-up'), ...address } : null,
      ]),
    },
    say('import-sources.summary'),
    context,
  );
}

function directoryInputs({ profiles, defaultProfileId }: ImportSources, context: CardContext): CardElement[] {
  const say = speaker(context);
  const list: CardElement = {
    type: 'Input.Text',
    id: 'list',
    label: say('import-sources.list'),
    placeholder: say('import-sources.list-example'),
    maxLength: longestQuery,
  };
  if (profiles.length < 2) return [list];
  const first = profiles.find(({ id }) => id === defaultProfileId) ?? profiles[0];
  return [
    list,
    {
      type: 'Input.ChoiceSet',
      id: 'profileId',
      label: say('import-sources.profile'),
      style: 'compact',
      value: first?.id ?? '',
      choices: profiles.map(({ id, name }) => ({ title: plainText(name), value: id })),
    },
  ];
}
