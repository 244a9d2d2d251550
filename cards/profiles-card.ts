import type { TextColor } from '@microsoft/teams.cards';
import type { ProfileTrouble } from '../services/model/outage.ts';
import { schemeOf, type EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { mayUse } from './card-context.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import { profileWord } from './status-words.ts';
import template from './templates/profiles.json' with { type: 'json' };

export interface ProfileList {
  readonly profiles: readonly EmailServerProfile[];
  readonly defaultProfileId: string | null;
  /** Number of mailboxes by profile id. */
  readonly mailboxCounts: Readonly<Record<string, number>>;
  /** What keeps the mailboxes of a profile from being checked, by its id. */
  readonly troubles?: Readonly<Record<string, ProfileTrouble>>;
}

const most = 10;

/** All email server profiles; a row opens its profile. */
export function profilesCard(
  { profiles, defaultProfileId, mailboxCounts, troubles = {} }: ProfileList,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const stateOf = (profile: EmailServerProfile): { state: string; color: TextColor } => {
    const { text, color } = profileWord(say, profile, troubles[profile.id] ?? null);
    return { state: text, color };
  };
  const isTroubled = profiles.some(({ id, state }) => state === 'active' && (troubles[id] ?? null) !== null);
  const rows = profiles.slice(0, most).map((profile) => ({
    name: plainText(profile.name, 80),
    signIn: say(`profiles.sign-in.${signInOf(profile)}`),
    server: say('profiles.server', {
      host: serverHost(profile.serverLocation),
      isDefault: profile.id === defaultProfileId,
    }),
    ...stateOf(profile),
    count: say('profiles.mailboxes', { count: mailboxCounts[profile.id] ?? 0 }),
    open: executeAction({
      verb: 'profile.show',
      title: say('profiles.open', { name: plainText(profile.name, 80) }),
      id: profile.id,
      revision: profile.revision,
    }),
  }));
  const isEmpty = profiles.length === 0;
  return renderTemplate(
    template,
    {
      header: cardHeader(say('profiles.title'), {
        text: say('profiles.total', { count: profiles.length }),
        color: 'Accent',
      }),
      rows,
      more: remark(profiles.length > most ? say('more', { count: profiles.length - most }) : null),
      next: nextStep(
        context,
        say(isEmpty ? 'profiles.empty-next' : isTroubled ? 'profiles.trouble-next' : 'profiles.next'),
      ),
      actions: mayUse(context, 'manage')
        ? cardButtons(context, [
            commandButton(say('button.create-profile'), 'create profile', isEmpty ? 'positive' : undefined),
            commandButton(say('button.email-settings'), 'email settings'),
            commandButton(say('button.status'), 'status'),
          ])
        : cardButtons(context, [commandButton(say('button.status'), 'status')]),
    },
    say('profiles.summary', { count: profiles.length }),
    context,
  );
}

/** The way of signing in; of OAuth, where the certificate is. */
function signInOf(profile: EmailServerProfile): string {
  const scheme = schemeOf(profile);
  if (scheme !== 'oauth') return scheme;
  return profile.modernAuthentication?.certificate.source === 'key-vault' ? 'key-vault' : 'certificate';
}
