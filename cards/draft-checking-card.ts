import { faultText } from '../locales/fault-text.ts';
import type { ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { checkLines, draftFault, failedCheck, needsNewPassword } from './draft-checks.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import template from './templates/draft-checking.json' with { type: 'json' };

/** Step 3: the checks as they happen, and what to do when one fails. */
export function draftCheckingCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values } = draft;
  const fault = failedCheck(draft)?.fault ?? null;
  const host = serverHost(values.serverLocation);
  const newPassword = needsNewPassword(draft);
  const state =
    fault === null
      ? { text: say('draft.checking'), color: 'Accent' as const }
      : { text: say('draft.check-failed'), color: 'Attention' as const };
  return renderTemplate(
    template,
    {
      header: cardHeader(say('draft.checking-title'), state, say('draft.of-profile', { name: plainText(values.name) })),
      intro: say(fault === null ? 'draft.checking-intro' : 'draft.check-failed-intro', { host }),
      checks: checkLines(draft, context),
      fault: draftFault(draft, context),
      next:
        fault === null
          ? nextStep(context, say('draft.checking-next'))
          : nextStep(context, say(newPassword ? 'draft.new-password-next' : 'draft.check-failed-next')),
      actions: cardButtons(context, [
        fault === null
          ? null
          : newPassword
            ? { verb: 'profile.new-link', title: say('button.enter-new-password'), id, revision, style: 'positive' }
            : { verb: 'profile.check', title: say('button.check-again'), id, revision, style: 'positive' },
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
