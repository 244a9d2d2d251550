import type { CheckName, ProfileDraft } from '../services/model/draft.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { seenText } from './draft-checks.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverName } from './server-name.ts';
import template from './templates/draft-review.json' with { type: 'json' };

/** Step 4: what the check saw and all values, before anything is saved. */
export function draftReviewCard(draft: ProfileDraft, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, values, server } = draft;
  const name = plainText(values.name);
  const seen = (check: CheckName): string | null => {
    const done = draft.checks.find((one) => one.name === check);
    return done === undefined ? null : seenText(done, context);
  };
  const certificate = seen('tls');
  const account = plainText(values.userName, 120);
  const mailbox = plainText(values.probeAddress);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('draft.review-title'),
        { text: say('draft.checked'), color: 'Good' },
        say('draft.step', { step: 4 }),
      ),
      seenTitle: say('draft.seen'),
      seen: cardFacts([
        [say('fact.exchange'), server === null ? null : serverName(say, server)],
        [say('fact.certificate'), certificate === null ? null : say('draft.certificate', { seen: certificate })],
        [say('fact.signed-in'), say('draft.signed-in', { account })],
        [say('fact.impersonated'), say('draft.impersonated', { mailbox })],
      ]),
      warning: [
        ...remark(server === null || server.supported ? null : say('server.unsupported'), 'Warning'),
        ...remark(offersBasicToo(draft) ? say('draft.ntlm-and-basic') : null, 'Warning'),
      ],
      valuesTitle: say('draft.values'),
      values: cardFacts([
        [say('fact.name'), name],
        [say('fact.default'), say(values.isDefault ? 'draft.default-yes' : 'draft.default-no')],
        [say('fact.server-location'), plainText(values.serverLocation, 300)],
        [say('fact.account'), account],
        [say('fact.authentication'), say(`profile.authentication.${values.authentication}.${values.access}`)],
        [say('fact.password'), say('draft.password-set')],
      ]),
      next: nextStep(context, say('draft.review-next')),
      actions: cardButtons(context, [
        { verb: 'profile.save', title: say('button.save'), id, revision, style: 'positive' },
        { verb: 'profile.back', title: say('button.back'), id, revision },
        { verb: 'profile.cancel', title: say('button.cancel'), id, revision },
      ]),
    },
    say('draft.review-summary', { name }),
    context,
  );
}

/** Where a profile signs in by NTLM, the platform wants Basic to be off at the server (connect-exchange-server-on-premises). */
function offersBasicToo({ values, checks }: ProfileDraft): boolean {
  return values.authentication === 'ntlm' && checks.some(({ seen }) => seen['warning'] === 'NtlmAndBasic');
}
