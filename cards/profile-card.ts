import { formatDuration } from '../locales/format-time.ts';
import { pollIntervalOf } from '../services/model/poll.ts';
import { schemeOf, type EmailServerProfile } from '../services/model/profile.ts';
import type { CertificateFacts } from '../services/model/secret-request.ts';
import { secretTargetOfProfile } from '../services/model/secret-target.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { certificateWarning } from './certificate-text.ts';
import { discoveryTrace } from './discovery-trace.ts';
import { foundBy } from './discovery-words.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { secretKind } from './secret-kind.ts';
import { serverName } from './server-name.ts';
import { signInFacts } from './sign-in-facts.ts';
import template from './templates/profile.json' with { type: 'json' };

export interface ProfileDetails {
  readonly mailboxCount: number;
  readonly isDefault: boolean;
  /** Set by the operator for all profiles; null: as the profile says. */
  readonly pollIntervalMs: number | null;
  /** Who set the secret (password, certificate, client secret), and when; null when nobody has. */
  readonly credentialSetBy: string | null;
  readonly credentialSetAt: number | null;
  /** Of a certificate that was handed in as a file. */
  readonly certificate: CertificateFacts | null;
}

/** One email server profile: all its values, and the test of all its mailboxes. */
export function profileCard(profile: EmailServerProfile, details: ProfileDetails, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, server, autodiscover, modernAuthentication, userName } = profile;
  const { mailboxCount: count, credentialSetAt, certificate } = details;
  const kind = secretKind(secretTargetOfProfile(profile));
  const name = plainText(profile.name);
  const secret =
    credentialSetAt === null
      ? say('profile.no-secret')
      : say('profile.secret', { who: personName(say, details.credentialSetBy), date: localTime(credentialSetAt) });
  const state = say(`profile.${profile.state}`);
  return renderTemplate(
    template,
    {
      header: cardHeader(
        name,
        { text: state, color: profile.state === 'active' ? 'Good' : 'Warning' },
        say('profile.subtitle'),
      ),
      facts: cardFacts([
        [say('fact.server-location'), plainText(profile.serverLocation, 300)],
        [
          say('fact.autodiscover'),
          autodiscover === null
            ? say('discovery.inactive')
            : say('discovery.active', { found: foundBy(say, autodiscover) }),
        ],
        [say('fact.exchange'), server === null ? null : serverName(say, server)],
        [
          say('fact.authentication'),
          say(`profile.authentication.${schemeOf(profile)}.${profile.useImpersonation ? 'impersonation' : 'delegate'}`),
        ],
        ...signInFacts(say, { userName, modernAuthentication, certificate }),
        [say('fact.secret', { kind }), secret],
        [say('fact.connections'), say('number', { count: profile.maxConcurrentConnections })],
        [say('fact.polling'), pollingText(profile, details.pollIntervalMs, context)],
        [say('fact.default'), say(details.isDefault ? 'profile.default-yes' : 'profile.default-no')],
        [say('fact.mailboxes'), say('number', { count })],
      ]),
      warning: [
        ...remark(server === null || server.supported ? null : say('server.unsupported'), 'Warning'),
        ...remark(certificate === null ? null : certificateWarning(say, certificate, context.now), 'Warning'),
      ],
      steps: discoveryTrace(context, autodiscover?.trace ?? []),
      next: nextStep(context, say(nextKey(profile, count), { count })),
      actions: cardButtons(context, [
        count === 0
          ? {
              verb: 'command.run',
              title: say('button.import-mailboxes'),
              id: 'import mailboxes',
              revision: 0,
              style: 'positive',
            }
          : profile.state === 'inactive'
            ? null
            : { verb: 'profile.test', title: say('button.test-all', { count }), id, revision, style: 'positive' },
        { verb: 'profile.edit', title: say('button.edit-profile', { kind }), id, revision },
        { verb: 'command.run', title: say('button.profiles'), id: 'profiles', revision: 0 },
      ]),
    },
    say('profile.summary', { name, state, count }),
    context,
  );
}

function pollingText(profile: EmailServerProfile, overrideMs: number | null, context: CardContext): string {
  const source = overrideMs === null ? (profile.minPollingIntervalMinutes === 0 ? 'default' : 'profile') : 'operator';
  const duration = formatDuration(context.locale, pollIntervalOf(profile, overrideMs));
  return speaker(context)('profile.polling', { duration, source });
}

function nextKey({ state }: EmailServerProfile, count: number): string {
  if (state === 'inactive') return 'profile.inactive-next';
  return count === 0 ? 'profile.import-next' : 'profile.test-next';
}
