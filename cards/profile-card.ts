import { formatDuration } from '../locales/format-time.ts';
import type { MaintenanceWindow } from '../services/model/maintenance.ts';
import type { ProfileTrouble } from '../services/model/outage.ts';
import { quoted } from '../services/model/filter-words.ts';
import { pollIntervalOf } from '../services/model/poll.ts';
import { schemeOf, type EmailServerProfile } from '../services/model/profile.ts';
import type { CertificateFacts } from '../services/model/secret-request.ts';
import { secretTargetOfProfile } from '../services/model/secret-target.ts';
import { advancedFacts } from './advanced-facts.ts';
import { cardButtons, commandButton, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { certificateWarning } from './certificate-text.ts';
import { discoveryTrace } from './discovery-trace.ts';
import { foundBy } from './discovery-words.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { secretKind } from './secret-kind.ts';
import { serverFacts } from './server-facts.ts';
import { serverName } from './server-name.ts';
import { signInFacts } from './sign-in-facts.ts';
import { profileWord } from './status-words.ts';
import template from './templates/profile.json' with { type: 'json' };

export interface ProfileDetails {
  readonly mailboxCount: number;
  readonly isDefault: boolean;
  /** Set by the operator for all profiles; null: as the profile says. */
  readonly pollIntervalMs: number | null;
  /** Who hears of alerts about the profile as a whole; null: a person without a name here. */
  readonly ownerName?: string | null;
  /** After the reader became the owner: who was it before. */
  readonly formerOwner?: string | null;
  /** Who set the secret (password, certificate, client secret), and when; null when nobody has. */
  readonly credentialSetBy: string | null;
  readonly credentialSetAt: number | null;
  /** Of a certificate that was handed in as a file. */
  readonly certificate: CertificateFacts | null;
  /** What keeps its mailboxes from being checked. */
  readonly trouble?: ProfileTrouble;
  /** Open alerts that hit it; absent: not counted. */
  readonly alerts?: { readonly errors: number; readonly warnings: number };
  /** Announced outages of its server that last or lie ahead, soonest first. */
  readonly windows?: readonly MaintenanceWindow[];
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
  const trouble = profile.state === 'active' ? (details.trouble ?? null) : null;
  const word = profileWord(say, profile, trouble);
  const windows = details.windows ?? [];
  const ahead = windows.filter(({ startsAt }) => startsAt > context.now);
  const [nearest] = windows;
  const nextWindow = trouble?.kind !== 'maintenance' && nearest !== undefined ? windowButton(nearest, say) : null;
  const alerts = (details.alerts?.errors ?? 0) + (details.alerts?.warnings ?? 0);
  return renderTemplate(
    template,
    {
      header: cardHeader(name, word, say('profile.subtitle')),
      facts: cardFacts([
        ...serverFacts(say, profile),
        [say('fact.owner'), (details.ownerName ?? null) === null ? null : personName(say, details.ownerName ?? null)],
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
        ...advancedFacts(say, profile),
        [say('fact.polling'), pollingText(profile, details.pollIntervalMs, context)],
        [say('fact.default'), say(details.isDefault ? 'profile.default-yes' : 'profile.default-no')],
        [say('fact.mailboxes'), say('number', { count })],
        [
          say('fact.alerts'),
          details.alerts === undefined || alerts === 0
            ? null
            : say('profile.alerts', {
                ...details.alerts,
                both: String(details.alerts.errors > 0 && details.alerts.warnings > 0),
              }),
        ],
      ]),
      warning: [
        ...remark(
          details.formerOwner === undefined
            ? null
            : say('profile.taken-over', { who: personName(say, details.formerOwner) }),
          'Good',
        ),
        ...remark(trouble?.kind === 'refused' ? say('profile.refused', { kind }) : null, 'Attention'),
        ...remark(
          trouble?.kind === 'maintenance' ? say('profile.maintenance', { date: localTime(trouble.until) }) : null,
          'Warning',
        ),
        ...ahead.slice(0, mostWindows).flatMap(({ startsAt, endsAt, reason }) =>
          remark(
            say('maintenance.planned', {
              from: localTime(startsAt),
              until: localTime(endsAt),
              reason: plainText(reason, 120),
            }),
          ),
        ),
        ...remark(
          trouble?.kind === 'outage' ? say('profile.outage', { date: localTime(trouble.since) }) : null,
          'Warning',
        ),
        ...remark(
          details.isDefault && profile.state === 'inactive' ? say('profile.default-inactive') : null,
          'Warning',
        ),
        ...remark(server === null || server.supported ? null : say('server.unsupported'), 'Warning'),
        ...remark(certificate === null ? null : certificateWarning(say, certificate, context.now), 'Warning'),
      ],
      steps: discoveryTrace(context, autodiscover?.trace ?? []),
      next: nextStep(context, say(nextKey(profile, count, trouble), { count, kind })),
      actions: cardButtons(context, [
        trouble === null ? likelyButton(profile, count, say) : null,
        trouble?.kind === 'maintenance' && nearest !== undefined ? windowButton(nearest, say) : null,
        trouble?.kind === 'refused'
          ? { verb: 'profile.edit', title: say('button.enter-new-secret', { kind }), id, revision, style: 'positive' }
          : { verb: 'profile.edit', title: say('button.edit-profile', { kind }), id, revision },
        alerts > 0
          ? commandButton(say('button.alerts'), `alerts profile:${quoted(id)}`)
          : nextWindow === null
            ? { verb: 'command.run', title: say('button.profiles'), id: 'profiles', revision: 0 }
            : nextWindow,
        {
          title: say('button.more'),
          text: say('profile.more'),
          buttons: [
            alerts > 0 ? nextWindow : null,
            details.isDefault || profile.state === 'inactive'
              ? null
              : { verb: 'profile.default', title: say('button.make-default'), id, revision },
            { verb: 'maintenance.plan', title: say('button.maintenance'), id, revision },
            { verb: 'profile.copy', title: say('button.copy'), id, revision },
            context.viewerId === profile.ownerId
              ? null
              : { verb: 'profile.take-over', title: say('button.take-over'), id, revision },
            profile.state === 'inactive'
              ? null
              : { verb: 'profile.deactivate', title: say('button.deactivate'), id, revision },
            { verb: 'profile.delete', title: say('button.delete'), id, revision },
          ],
        },
      ]),
    },
    say('profile.summary', { name, state: word.text, count }),
    context,
  );
}

/** Windows ahead that are named. */
const mostWindows = 3;

const windowButton = ({ id, revision }: MaintenanceWindow, say: Say): Button => ({
  verb: 'maintenance.show',
  title: say('button.open-maintenance'),
  id,
  revision,
});

/** What whoever opens a profile most likely wants next. */
function likelyButton({ id, revision, state }: EmailServerProfile, count: number, say: Say): Button {
  if (state === 'inactive')
    return { verb: 'profile.activate', title: say('button.activate'), id, revision, style: 'positive' };
  if (count === 0) return commandButton(say('button.import-mailboxes'), 'import mailboxes', 'positive');
  return { verb: 'profile.test', title: say('button.test-all', { count }), id, revision, style: 'positive' };
}

function pollingText(profile: EmailServerProfile, overrideMs: number | null, context: CardContext): string {
  const source = overrideMs === null ? (profile.minPollingIntervalMinutes === 0 ? 'default' : 'profile') : 'operator';
  const duration = formatDuration(context.locale, pollIntervalOf(profile, overrideMs));
  return speaker(context)('profile.polling', { duration, source });
}

function nextKey({ state }: EmailServerProfile, count: number, trouble: ProfileTrouble): string {
  if (state === 'inactive') return 'profile.inactive-next';
  if (trouble !== null) return `profile.${trouble.kind}-next`;
  return count === 0 ? 'profile.import-next' : 'profile.test-next';
}
