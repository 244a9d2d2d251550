import { commands, usageOf } from '../bot/commands.ts';
import { translate } from '../locales/translate.ts';

/**
 * The schema version that the manifest follows. 1.29 is the newest that was generally available when this was written;
 * a newer one, which the package @microsoft/app-manifest already carries, would be refused by tenants that lag behind.
 */
export const manifestVersion = '1.29';

/** Limits of Teams (schema, and learn.microsoft.com/microsoftteams/platform/bots/how-to/create-a-bot-commands-menu). */
export const commandLimits = { commands: 12, title: 32, description: 128 } as const;

export const colorIcon = 'color.png';
export const outlineIcon = 'outline.png';

export interface ManifestOptions {
  /** The bot registration in Entra; it is the app's id in Teams as well. */
  readonly appId: string;
  /** Host of the one-time form, without a port. */
  readonly formHost: string;
  /** Has to rise with each package that replaces an installed one. */
  readonly version: string;
  readonly developer: {
    readonly name: string;
    /** Addresses that begin with https://. */
    readonly websiteUrl: string;
    readonly privacyUrl: string;
    readonly termsOfUseUrl: string;
  };
}

/** What the menu offers in the 1:1 chat, where an admin sets things up. */
export const personalWords = [
  'help',
  'create profile',
  'profiles',
  'email settings',
  'import mailboxes',
  'mailboxes',
  'apply defaults',
  'test',
  'runs',
  'pending',
  'alerts',
  'history',
] as const;

/** What the menu offers in a channel or a group chat, where people approve and watch, and where a person can be mentioned. */
export const sharedWords = [
  'help',
  'approvers',
  'pending',
  'approve',
  'reject',
  'subscribe',
  'unsubscribe',
  'subscriptions',
  'alerts',
  'roles',
  'grant',
  'revoke',
] as const;

/**
 * The Teams app manifest of Mailroom. There is no `webApplicationInfo`: nobody signs in to Mailroom by single sign-on and
 * it asks Microsoft Graph for nothing. `supportsFiles` is on: a list of mailboxes can be a file in the admin's own chat.
 */
export function teamsManifest({ appId, formHost, version, developer }: ManifestOptions) {
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion,
    version,
    id: appId,
    developer,
    name: { short: 'Mailroom', full: 'Mailroom: Dynamics 365 with Exchange Server' },
    description: {
      short: 'Server-side synchronization of Dynamics 365 with Exchange on-premises',
      full:
        'Mailroom connects Dynamics 365 customer engagement apps with Exchange Server on-premises. ' +
        'An admin sets up an email server profile by conversation and imports mailboxes; approvers decide with cards; ' +
        'Test & Enable runs in the background; success and error alerts arrive in channels, each with its cause and the next step. ' +
        'Passwords never go through the chat.',
    },
    icons: { color: colorIcon, outline: outlineIcon },
    accentColor: '#1F4E79',
    bots: [
      {
        botId: appId,
        scopes: ['personal', 'team', 'groupChat'],
        supportsFiles: true,
        isNotificationOnly: false,
        commandLists: [
          { scopes: ['personal'], commands: menuOf(personalWords) },
          { scopes: ['team', 'groupChat'], commands: menuOf(sharedWords) },
        ],
      },
    ],
    validDomains: [formHost],
    // The journey begins in the admin's own chat; channels follow.
    defaultInstallScope: 'personal',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
  };
}

/** Entries of the command table as the menu shows them: the usage is in the description, because a click types the title. */
function menuOf(words: readonly string[]): { title: string; description: string }[] {
  return words.map((title) => {
    const command = commands.find((candidate) => candidate.words === title);
    if (command === undefined) throw new Error(`the command table has no "${title}"`);
    const summary = translate('en', `chat.command.${title.replaceAll(' ', '-')}`);
    const usage = command.args === '' ? '' : ` (${usageOf(command)})`;
    const whole = capitalized(summary) + usage;
    return { title, description: whole.length <= commandLimits.description ? whole : capitalized(summary) };
  });
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
