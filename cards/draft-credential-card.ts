import type { ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import type { DraftCardContext } from './draft-card.ts';
import { draftFault } from './draft-checks.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-credential.json' with { type: 'json' };

/** Step 2: the password, which goes into the one-time form and never into chat; then the code that the page shows. */
export function draftCredentialCard(draft: ProfileDraft, context: DraftCardContext): CardView {
  const say = speaker(context);
  const { id, revision, credential, values } = draft;
  const isParked = credential === 'parked';
  const refused = credential === 'refused';
  const formUrl = context.personal ? context.formUrl : null;
  const state = isParked
    ? { text: say('draft.parked'), color: 'Warning' as const }
    : refused
      ? { text: say('draft.refused'), color: 'Attention' as const }
      : { text: say('draft.step', { step: 2 }), color: 'Accent' as const };
  const next = isParked
    ? 'parked-next'
    : !context.personal
      ? 'link-elsewhere'
      : formUrl === null
        ? 'no-link'
        : 'form-next';
  const link = refused ? 'button.enter-new-password' : 'button.enter-password';
  return renderTemplate(
    template,
    {
      header: cardHeader(say('draft.password-title'), state, say('draft.of-profile', { name: plainText(values.name) })),
      note: refused ? draftFault(draft, context) : [],
      facts: cardFacts([
        [say('fact.account'), plainText(values.userName)],
        [say('fact.server'), serverHost(values.serverLocation)],
      ]),
      remarks: isParked ? [] : remark(say('draft.never-in-chat')),
      code: isParked ? [codeInput(say)] : [],
      next: nextStep(context, say(`draft.${next}`, { button: say(link) })),
      actions: cardButtons(context, [
        isParked
          ? { verb: 'profile.confirm-code', title: say('button.confirm'), id, revision, style: 'positive' }
          : formUrl === null
            ? null
            : { title: say(link), url: formUrl },
        { verb: 'profile.new-link', title: say('button.new-link'), id, revision, inputs: 'none' },
        { verb: 'profile.back', title: say('button.back'), id, revision, inputs: 'none' },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say(isParked ? 'draft.parked-summary' : refused ? 'draft.refused-summary' : 'draft.password-summary', {
      name: plainText(values.name),
    }),
    context,
  );
}

function codeInput(say: Say): object {
  return {
    type: 'Input.Text',
    id: 'code',
    label: say('draft.code.label'),
    placeholder: say('draft.code.hint'),
    isRequired: true,
    errorMessage: say('draft.code.missing'),
    regex: '^\\s*[0-9]{4}\\s*$',
    maxLength: 8,
  };
}
