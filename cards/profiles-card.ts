import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { mayUse } from './card-context.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { serverHost } from './server-host.ts';
import template from './templates/profiles.json' with { type: 'json' };

export interface ProfileList {
  readonly profiles: readonly EmailServerProfile[];
  readonly defaultProfileId: string | null;
  /** Number of mailboxes by profile id. */
  readonly mailboxCounts: Readonly<Record<string, number>>;
}

const most = 10;

/** All email server profiles; a row opens its profile. */
export function profilesCard(
  { profiles, defaultProfileId, mailboxCounts }: ProfileList,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const rows = profiles.slice(0, most).map((profile) => ({
    name: plainText(profile.name, 80),
    server: say('profiles.server', {
      host: serverHost(profile.serverLocation),
      isDefault: profile.id === defaultProfileId,
    }),
    state: say(`profile.${profile.state}`),
    color: profile.state === 'active' ? 'Good' : 'Warning',
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
      next: nextStep(context, say(isEmpty ? 'profiles.empty-next' : 'profiles.next')),
      actions: mayUse(context, 'manage')
        ? cardButtons(context, [
            commandButton(say('button.create-profile'), 'create profile', isEmpty ? 'positive' : undefined),
            commandButton(say('button.email-settings'), 'email settings'),
          ])
        : [],
    },
    say('profiles.summary', { count: profiles.length }),
    context,
  );
}
