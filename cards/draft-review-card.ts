import { advancedSettings } from '../services/model/draft-advanced.ts';
import type { Check, CheckName, ProfileDraft } from '../services/model/draft.ts';
import { modernAuthenticationOf, outgoingLocationOf, secretTargetOfDraft } from '../services/model/secret-target.ts';
import { advancedFacts } from './advanced-facts.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { certificateWarning } from './certificate-text.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { foundBy } from './discovery-words.ts';
import type { DraftCardContext } from './draft-card.ts';
import { seenText } from './draft-checks.ts';
import { draftPlace } from './draft-progress.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { secretKind } from './secret-kind.ts';
import { serverFacts } from './server-facts.ts';
import { serverName } from './server-name.ts';
import { signInFacts } from './sign-in-facts.ts';
import template from './templates/draft-review.json' with { type: 'json' };

/** The last step: what the check saw and all values, before anything is saved. */
export function draftReviewCard(draft: ProfileDraft, context: DraftCardContext): CardView {
  const say = speaker(context);
  const { id, revision, values, server } = draft;
  const name = plainText(values.name);
  const outgoing = outgoingLocationOf(values);
  const seen = (check: CheckName, at?: Check['at']): string | null => {
    const done = draft.checks.find((one) => one.name === check && one.at === at);
    return done === undefined ? null : seenText(done, context);
  };
  const certificate = seen('tls');
  const outgoingCertificate = seen('tls', 'outgoing');
  const target = secretTargetOfDraft(values);
  const modernAuthentication = values.authentication === 'oauth' ? modernAuthenticationOf(values) : null;
  const { certificate: file } = context;
  const settings = advancedSettings(values);
  const token = seen('token');
  const kind = secretKind(target);
  const endsSoon = file === null ? null : certificateWarning(say, file, context.now);
  const mailbox = plainText(values.probeAddress);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('draft.review-title'),
        { text: say('draft.checked'), color: 'Good' },
        draftPlace(say, draft),
      ),
      seenTitle: say('draft.seen'),
      seen: cardFacts([
        [say('fact.exchange'), server === null ? null : serverName(say, server)],
        [say('fact.certificate'), certificate === null ? null : say('draft.certificate', { seen: certificate })],
        [say('fact.token'), token === null ? null : say('draft.token', { seen: token === '' ? 'none' : token })],
        [say('fact.outgoing-exchange'), seen('version', 'outgoing')],
        [
          say('fact.outgoing-certificate'),
          outgoingCertificate === null ? null : say('draft.certificate', { seen: outgoingCertificate }),
        ],
        [say('fact.signed-in'), say('draft.signed-in', { account: plainText(target.account, 120) })],
        [say('fact.impersonated', { access: values.access }), say('draft.impersonated', { mailbox })],
      ]),
      warning: [
        ...remark(server === null || server.supported ? null : say('server.unsupported'), 'Warning'),
        ...remark(endsSoon, 'Warning'),
        ...remark(offersBasicToo(draft) ? say('draft.ntlm-and-basic') : null, 'Warning'),
      ],
      valuesTitle: say('draft.values'),
      values: cardFacts([
        [say('fact.name'), name],
        [say('fact.default'), say(values.isDefault ? 'draft.default-yes' : 'draft.default-no')],
        ...serverFacts(say, { serverLocation: values.serverLocation, outgoingServerLocation: outgoing }),
        [say('fact.autodiscover'), autodiscoverText(say, draft)],
        [say('fact.authentication'), say(`profile.authentication.${values.authentication}.${values.access}`)],
        ...signInFacts(say, { userName: values.userName, modernAuthentication, certificate: file }),
        [say('fact.secret', { kind }), say('draft.secret-set')],
        ...advancedFacts(say, settings),
        [say('fact.polling'), say('advanced.polling', { minutes: settings.minPollingIntervalMinutes })],
      ]),
      choices: shareChoice(say, context),
      next: nextStep(context, say('draft.review-next')),
      actions: cardButtons(context, [
        { verb: 'profile.save', title: say('button.save'), id, revision, style: 'positive' },
        endsSoon === null
          ? null
          : { verb: 'profile.new-link', title: say('button.enter-new-secret', { kind }), id, revision },
        { verb: 'profile.advanced', title: say('button.advanced'), id, revision },
        { verb: 'profile.back', title: say('button.back'), id, revision },
        // Four buttons at most; the first card has this one too, and the word works everywhere.
        endsSoon === null ? { verb: 'profile.cancel', title: say('button.cancel'), id, revision } : null,
      ]),
    },
    say('draft.review-summary', { name }),
    context,
  );
}

/**
 * One account, several profiles: a new password is the new one for all of them. The choice carries the ids that were shown, so
 * that nobody gives a secret to a profile that they have not seen; the server checks that it is still of the same account.
 */
function shareChoice(say: Say, { sameAccount = [] }: DraftCardContext): object[] {
  const count = sameAccount.length;
  if (count === 0) return [];
  const named = sameAccount.slice(0, 5).map(({ name }) => plainText(name, 80));
  const names = count > named.length ? [...named, say('more', { count: count - named.length })] : named;
  return [
    {
      type: 'Input.Toggle',
      id: 'shareWith',
      label: say('draft.shareWith.label'),
      title: say('draft.shareWith.hint', { count, names: names.join(', ') }),
      value: 'false',
      valueOn: sameAccount.map(({ id }) => id).join(','),
      valueOff: 'false',
      wrap: true,
    },
  ];
}

/** Who named the address; Inactive where it was typed. */
function autodiscoverText(say: Say, { values, discovery }: ProfileDraft): string {
  const found = discovery?.found ?? null;
  return values.autodiscover === 'inactive' || found === null
    ? say('discovery.inactive')
    : say('discovery.active', { found: foundBy(say, found) });
}

/** Where a profile signs in by NTLM, the platform wants Basic to be off at the server (connect-exchange-server-on-premises). */
function offersBasicToo({ values, checks }: ProfileDraft): boolean {
  return values.authentication === 'ntlm' && checks.some(({ seen }) => seen['warning'] === 'NtlmAndBasic');
}
