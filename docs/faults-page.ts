import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { faultText } from '../locales/fault-text.ts';
import { translate } from '../locales/translate.ts';
import { faultCatalogue, type FaultCode } from '../services/model/fault-catalogue.ts';
import { platformCodes, type NeverMet, type PlatformCode } from '../services/model/platform-code.ts';

interface FaultGroup {
  readonly title: string;
  readonly intro: string;
  /** The codes of the group; a code belongs to the first group that has it. */
  readonly codes: RegExp;
}

/** In the order of the way to a mailbox: what fails first stands first. */
const groups: readonly FaultGroup[] = [
  {
    title: 'The address',
    intro: 'Found before anything is sent.',
    codes: /^Address/,
  },
  {
    title: 'DNS and connection',
    intro: 'The name, the way to the server, and a corporate proxy on it.',
    codes: /^(Dns|Connection|HostUnreachable$|Proxy)/,
  },
  {
    title: 'TLS',
    intro: 'The certificate and the handshake.',
    codes: /^Tls/,
  },
  {
    title: 'HTTP and sign-in',
    intro: 'What the server, or something in front of it, answers before Exchange looks at a mailbox.',
    codes: /^(Http|Credential|Account|Deadline|Answer|(Basic|Ntlm|Bearer)NotOffered$)/,
  },
  {
    title: 'Exchange',
    intro:
      'Codes that begin with `Error` are response codes of Exchange Web Services as they come over the wire. A code that is not here is `EwsOther`; the alert shows it.',
    codes: /^(Error|EwsOther$)/,
  },
  {
    title: 'Autodiscover',
    intro: 'The search for the server of an address. The README says whether profiles can use it yet.',
    codes: /^(Autodiscover|ServerLocationMoved$)/,
  },
  {
    title: 'OAuth and Key Vault',
    intro:
      'Hybrid Modern Authentication: Entra’s sign-in service (SERVER), the application there (ACCOUNT), and the vault that holds its certificate. The README says whether profiles can use it yet.',
    codes: /^(OAuth|KeyVault|Hma)/,
  },
  {
    title: 'Mailroom’s own',
    intro: 'What Mailroom itself finds.',
    codes:
      /^(FolderRightsMissing|OrganizationStampForeign|TestMessageNotFound|ServerTooOld|UnapprovedMailbox|EmailServerProfileNotAssociated|InactiveEmailServerProfile|WorkerFailed|ProfileMostlyFailing)$/,
  },
  {
    title: 'Dynamics 365',
    intro:
      'What a Dynamics 365 environment reports that keeps profiles and mailboxes itself. The README says whether Mailroom works with one yet. A code that is not here is `PlatformOther`; the alert shows it.',
    codes:
      /^(Platform|InactiveMailbox$|IncomingDeliveryIsForwardMailbox$|MailboxUnsupportedEmailServerType$|NoTestEmailAccessPrivilege$|O365Role|User(PrivilegeError|NotLicensed)$|InsufficientAccessMode$|MailboxNotEnabledForRESTAPI$)/,
  },
];

const codesTitle = 'Codes of Dynamics 365';

const neverMet = {
  'exchange-only': 'Never: a profile of Mailroom is one for Exchange.',
  'fixed-value': 'Never: Mailroom always sets the value that is right.',
  'not-done': 'Never: Mailroom does nothing that leads to it.',
  online: 'Never: it is about mailboxes in Exchange Online.',
} as const satisfies Record<NeverMet, string>;

/**
 * The page `faults.md`, from the catalogue and its English sentences.
 * @throws Error for a code that no group has
 */
export function faultsPage(): string {
  const grouped = Map.groupBy(Object.keys(faultCatalogue) as FaultCode[], groupOf);
  return `# Faults

Every fault that an alert, a mailbox or a profile's check can show: what it is, why, and what to do. Search for the code that the card shows.

A **transient** fault may pass by itself and is tried again (ten times, five minutes apart, unless \`MAILROOM_RETRY_ATTEMPTS\` and \`MAILROOM_RETRY_MINUTES\` say otherwise); after the last try it counts as permanent. A **permanent** one needs a person; until then the direction that it hit (incoming, outgoing, or appointments, contacts and tasks) stays disabled. Once a server is known to be out of reach, its mailboxes lose no try until it answers.
Its scope is one **email** (a single message or item), one **mailbox**, or everything behind a **server**.

A card has the real names in its sentences; here SERVER, MAILBOX, ACCOUNT and general words stand for them.

<!-- Written by \`node docs/faults-page.ts\` from services/model/fault-catalogue.ts and locales/; a test compares them. -->

${[...groups.map(({ title }) => title), codesTitle].map((title) => `- [${title}](#${anchorOf(title)})`).join('\n')}
${groups.map((group) => section(group, grouped.get(group) ?? [])).join('')}
## ${codesTitle}

What Mailroom says in the cases for which Dynamics 365 has these codes.

| code | name there | in Mailroom |
| --- | --- | --- |
${Object.entries(platformCodes).toSorted(byHex).map(platformRow).join('\n')}
`;
}

const byHex = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  Number.parseInt(one, 16) - Number.parseInt(other, 16);

const platformRow = ([hex, { name, meaning }]: readonly [string, PlatformCode]): string =>
  `| 0x${hex} | ${name ?? ''} | ${inMailroom(meaning)} |`;

function inMailroom(meaning: PlatformCode['meaning']): string {
  if (meaning.kind === 'fault') return `[${meaning.code}](#${meaning.code.toLowerCase()})`;
  if (meaning.kind === 'never') return neverMet[meaning.because];
  return `“${asMarkdown(translate('en', `error.${meaning.code}`))}”`;
}

function groupOf(code: FaultCode): FaultGroup {
  const group = groups.find(({ codes }) => codes.test(code));
  if (group === undefined) throw new Error(`docs/faults-page.ts has no group for ${code}`);
  return group;
}

const section = ({ title, intro }: FaultGroup, codes: readonly FaultCode[]): string =>
  `\n## ${title}\n\n${intro}\n${codes.map(entry).join('')}`;

function entry(code: FaultCode): string {
  const { nature, scope } = faultCatalogue[code];
  const { title, cause, nextStep } = faultText('en', { code, params: {} });
  const others = variants
    .map(({ label, params }) => ({ label, step: faultText('en', { code, params }).nextStep }))
    .filter(({ step }) => step !== nextStep);
  return `
### ${code}

**${asMarkdown(title)}** (${nature}, ${scope})

- Cause: ${asMarkdown(cause)}
- Next step: ${asMarkdown(nextStep)}
${others.map(({ label, step }) => `- ${label}: ${asMarkdown(step)}\n`).join('')}`;
}

/** What a profile may have chosen, or a mailbox has been through, that changes the next step. */
export const variants = [
  { label: 'Next step with delegate access', params: { access: 'delegate' } },
  { label: 'Next step with NTLM', params: { scheme: 'ntlm' } },
  { label: 'Next step for a mailbox that worked before', params: { worked: 'yes' } },
] as const;

/** As GitHub makes it of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(/\s/g, '-');

/** Sentences are plain text: a star of a cmdlet must not become emphasis, nor a backslash vanish. */
const asMarkdown = (text: string): string => text.replaceAll(/[\\`*_[\]<>]/g, String.raw`\$&`);

if (import.meta.main) {
  const page = await format(faultsPage(), { parser: 'markdown', printWidth: 120, singleQuote: true });
  await writeFile(new URL('./faults.md', import.meta.url), page);
}
