import type { ProfileDraft } from '../services/model/draft.ts';
import { outgoingLocationOf, secretTargetOfDraft } from '../services/model/secret-target.ts';
import { cardButtons, commandButton, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import type { DraftCardContext } from './draft-card.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-end.json' with { type: 'json' };

type DraftEndContext = CardContext & Pick<DraftCardContext, 'mailboxes'>;

/** The end of the guided creation: saved, or called off. */
export function draftEndCard(draft: ProfileDraft, context: DraftEndContext): CardView {
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
  const outgoing = outgoingLocationOf(values);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('draft.saved-title', { name }), { text: say('state.saved'), color: 'Good' }),
      intro: [
        say(values.isDefault ? 'draft.saved-default' : 'draft.saved-intro'),
        ...(draft.sharedWith === 0 ? [] : [say('draft.saved-shared', { count: draft.sharedWith })]),
      ].join(' '),
      facts: cardFacts([
        [say('fact.server'), serverHost(values.serverLocation)],
        [say('fact.outgoing-server'), outgoing === null ? null : serverHost(outgoing)],
        [
          say(values.authentication === 'oauth' ? 'fact.app' : 'fact.account'),
          plainText(secretTargetOfDraft(values).account, 120),
        ],
      ]),
      next: nextStep(context, edits ? editedText(context, say) : say('draft.saved-next')),
      actions: cardButtons(context, [
        edits
          ? retestFailed(draft, context, say)
          : commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive'),
        commandButton(say('button.email-settings'), 'email settings'),
        commandButton(say('button.profiles'), 'profiles'),
      ]),
    },
    say('draft.saved-summary', { name }),
    context,
  );
}

/** After a change: who has to be tested again, and who is checked by itself. */
function editedText({ mailboxes = { failed: 0, checked: 0 } }: DraftEndContext, say: Say): string {
  const { failed, checked } = mailboxes;
  if (failed === 0 && checked === 0) return say('draft.edit-saved-next');
  return say('draft.edit-saved-mailboxes', { failed, checked });
}

function retestFailed({ profileId }: ProfileDraft, { mailboxes }: DraftEndContext, say: Say): Button | null {
  if (profileId === null || mailboxes === undefined || mailboxes.failed === 0) return null;
  const title = say('button.retest', { count: mailboxes.failed });
  return { verb: 'profile.retest', title, id: profileId, revision: 0, style: 'positive' };
}
