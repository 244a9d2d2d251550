import { schemeOf, type EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverName } from './server-name.ts';
import template from './templates/profile.json' with { type: 'json' };

export interface ProfileDetails {
  readonly mailboxCount: number;
  readonly isDefault: boolean;
  /** Who set the password, and when; null when nobody has. */
  readonly credentialSetBy: string | null;
  readonly credentialSetAt: number | null;
}

/** One email server profile: all its values, and the test of all its mailboxes. */
export function profileCard(profile: EmailServerProfile, details: ProfileDetails, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, server } = profile;
  const { mailboxCount: count, credentialSetAt } = details;
  const name = plainText(profile.name);
  const password =
    credentialSetAt === null
      ? say('profile.no-password')
      : say('profile.password', { who: personName(say, details.credentialSetBy), date: localTime(credentialSetAt) });
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
        [say('fact.exchange'), server === null ? null : serverName(say, server)],
        [
          say('fact.authentication'),
          say(`profile.authentication.${schemeOf(profile)}.${profile.useImpersonation ? 'impersonation' : 'delegate'}`),
        ],
        [say('fact.account'), plainText(profile.userName, 120)],
        [say('fact.password'), password],
        [say('fact.connections'), say('number', { count: profile.maxConcurrentConnections })],
        [say('fact.default'), say(details.isDefault ? 'profile.default-yes' : 'profile.default-no')],
        [say('fact.mailboxes'), say('number', { count })],
      ]),
      warning: remark(server === null || server.supported ? null : say('server.unsupported'), 'Warning'),
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
        { verb: 'profile.edit', title: say('button.edit-profile'), id, revision },
        { verb: 'command.run', title: say('button.profiles'), id: 'profiles', revision: 0 },
      ]),
    },
    say('profile.summary', { name, state, count }),
    context,
  );
}

function nextKey({ state }: EmailServerProfile, count: number): string {
  if (state === 'inactive') return 'profile.inactive-next';
  return count === 0 ? 'profile.import-next' : 'profile.test-next';
}
