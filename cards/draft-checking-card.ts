import { faultText } from '../locales/fault-text.ts';
import type { ProfileDraft } from '../services/model/draft.ts';
import { outgoingLocationOf, secretTargetOfDraft } from '../services/model/secret-target.ts';
import { cardButtons, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { checkLines, draftFault, failedCheck, needsNewPassword } from './draft-checks.ts';
import { draftPlace } from './draft-progress.ts';
import { renderTemplate } from './render-template.ts';
import { secretKind } from './secret-kind.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-checking.json' with { type: 'json' };

/** The checks as they happen, and what to do when one fails. */
export function draftCheckingCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values } = draft;
  const fault = failedCheck(draft)?.fault ?? null;
  const outgoing = outgoingLocationOf(values);
  const host = serverHost(failedCheck(draft)?.at === 'outgoing' ? (outgoing ?? '') : values.serverLocation);
  const running =
    outgoing === null
      ? say('draft.checking-intro', { host })
      : say('draft.checking-both', { host, outgoing: serverHost(outgoing) });
  const state =
    fault === null
      ? { text: say('draft.checking'), color: 'Accent' as const }
      : { text: say('draft.check-failed'), color: 'Attention' as const };
  const { next, buttons } = wayOut(draft, context);
  return renderTemplate(
    template,
    {
      header: cardHeader(say('draft.checking-title'), state, draftPlace(say, draft)),
      intro: fault === null ? running : say('draft.check-failed-intro', { host }),
      checks: checkLines(draft, context),
      fault: draftFault(draft, context),
      next: nextStep(context, next),
      actions: cardButtons(context, [
        ...buttons,
        { verb: 'profile.back', title: say('button.change-details'), id, revision },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision },
      ]),
    },
    fault === null
      ? say('draft.checking-summary', { host })
      : say('draft.check-failed-summary', { title: faultText(context.locale, fault).title }),
    context,
  );
}

/** What the reader can do: wait, check again, or hand in another secret. */
function wayOut(draft: ProfileDraft, context: CardContext): { next: string; buttons: Button[] } {
  const say = speaker(context);
  const { id, revision, values } = draft;
  if (failedCheck(draft) === undefined) return { next: say('draft.checking-next'), buttons: [] };
  const button = say('button.enter-new-secret', { kind: secretKind(secretTargetOfDraft(values)) });
  const newSecret: Button = { verb: 'profile.new-link', title: button, id, revision };
  if (needsNewPassword(draft))
    return { next: say('draft.new-password-next', { button }), buttons: [{ ...newSecret, style: 'positive' }] };
  const again: Button = { verb: 'profile.check', title: say('button.check-again'), id, revision, style: 'positive' };
  // Back to the details and on again would use the same certificate: without this button a wrong one could not be replaced.
  return values.authentication === 'oauth'
    ? { next: say('draft.no-token-next', { button }), buttons: [again, newSecret] }
    : { next: say('draft.check-failed-next'), buttons: [again] };
}
