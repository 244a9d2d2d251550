import type { ProfileDraft } from '../services/model/draft.ts';
import { secretTargetOfDraft } from '../services/model/secret-target.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-end.json' with { type: 'json' };

/** The end of the guided creation: saved, or called off. */
export function draftEndCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { values } = draft;
  const name = plainText(values.name);
  const edits = draft.editsProfileId !== null;
  if (draft.step !== 'saved') {
    return renderTemplate(
      template,
      {
        header: cardHeader(say(edits ? 'draft.edit-title' : 'draft.title'), {
          text: say('state.cancelled'),
          color: 'Default',
        }),
        intro: say(edits ? 'draft.edit-cancelled-intro' : 'draft.cancelled-intro'),
        facts: [],
        next: nextStep(context, say(edits ? 'draft.edit-cancelled-next' : 'draft.cancelled-next')),
        actions: cardButtons(context, [
          edits
            ? commandButton(say('button.profiles'), 'profiles')
            : commandButton(say('button.create-profile'), 'create profile'),
        ]),
      },
      say(edits ? 'draft.edit-cancelled-summary' : 'draft.cancelled-summary'),
      context,
    );
  }
  return renderTemplate(
    template,
    {
      header: cardHeader(say('draft.saved-title', { name }), { text: say('state.saved'), color: 'Good' }),
      intro: say(values.isDefault ? 'draft.saved-default' : 'draft.saved-intro'),
      facts: cardFacts([
        [say('fact.server'), serverHost(values.serverLocation)],
        [
          say(values.authentication === 'oauth' ? 'fact.app' : 'fact.account'),
          plainText(secretTargetOfDraft(values).account, 120),
        ],
      ]),
      next: nextStep(context, say(edits ? 'draft.edit-saved-next' : 'draft.saved-next')),
      actions: cardButtons(context, [
        edits ? null : commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive'),
        commandButton(say('button.email-settings'), 'email settings'),
        commandButton(say('button.profiles'), 'profiles'),
      ]),
    },
    say('draft.saved-summary', { name }),
    context,
  );
}
