import type { CardContext, CardView } from '../../cards/card-context.ts';
import { importCard, type ImportCardDetails } from '../../cards/import-card.ts';
import { importSourcesCard } from '../../cards/import-sources-card.ts';
import { lookupCard } from '../../cards/lookup-card.ts';
import type { DirectoryKind } from '../../services/model/directory.ts';
import { mostChoices, type DirectoryLookup, type LookupProblem } from '../../services/model/directory-lookup.ts';
import type { ImportBatch, ImportRefusal } from '../../services/model/import-batch.ts';
import type { Words } from './card-fixtures.ts';

const kinds: readonly DirectoryKind[] = [
  'mailbox',
  'group',
  'private-group',
  'group-mailbox',
  'contact',
  'public-folder',
  'one-off',
  'unknown',
];
const problems: readonly LookupProblem[] = [
  'nothing-found',
  'no-members',
  'too-many',
  'too-many-groups',
  'no-list',
  'needs-mailbox',
];
const memberRefusals: readonly ImportRefusal[] = [
  'member-contact',
  'member-public-folder',
  'member-group-mailbox',
  'member-private-group',
  'member-outside',
  'member-unknown',
  'group-unreadable',
  'group-incomplete',
  'group-too-deep',
];

/** The ways into an import, look-ups in every state, and dry runs that say where their rows come from. */
export function importSourceCards(
  words: Words,
  context: CardContext,
  waiting: ImportBatch,
  details: ImportCardDetails,
): [string, CardView][] {
  const profiles = Array.from({ length: words.many ? 40 : 2 }, (_, index) => ({
    id: `p${index}`,
    name: words.profile,
  }));
  const entry = (place: number) => ({
    name: words.person,
    address: words.address(place),
    kind: kinds[place % kinds.length] ?? 'unknown',
  });
  const lookup: DirectoryLookup = {
    environmentId: 'contoso',
    id: '6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b',
    actorId: 'ada',
    conversationId: 'a:1',
    query: words.owner,
    state: 'working',
    profileId: 'p0',
    choices: Array.from({ length: words.many ? mostChoices : 3 }, (_, place) => entry(place)),
    hasMore: words.many,
    target: null,
    progress: { groups: 0, members: 0 },
    fault: null,
    problem: null,
    batchId: null,
    createdAt: waiting.createdAt,
    revision: 3,
  };
  const progress = words.many ? { groups: 500, members: 10_000 } : { groups: 2, members: 31 };
  const show = (changes: Partial<DirectoryLookup>): CardView =>
    lookupCard({ ...lookup, ...changes }, { profileName: words.profile, profiles }, context);
  const fault = { code: 'ConnectionReset', params: { host: 'mail.contoso.com' } } as const;
  const source = { kind: 'directory', name: words.person, address: words.address(0), groups: 4, repeated: 2 } as const;
  const refused: ImportBatch['rows'] = memberRefusals.map((code, index) => ({
    line: index + 1,
    address: words.address(index),
    type: 'user',
    owner: '',
    verdict: 'refused',
    refusal: { code, value: words.address(index) },
  }));
  const ignoredColumns = Array.from({ length: words.many ? 10 : 2 }, () => words.owner.slice(0, 60));
  return [
    ['import sources', importSourcesCard({ id: 'c1', isPersonal: true, profiles, defaultProfileId: 'p1' }, context)],
    [
      'import sources in a channel',
      importSourcesCard({ id: 'c1', isPersonal: false, profiles, defaultProfileId: null }, context),
    ],
    [
      'import sources without a profile',
      importSourcesCard({ id: 'c1', isPersonal: true, profiles: [], defaultProfileId: null }, context),
    ],
    ['look-up, which profile', show({ state: 'asking-profile', profileId: null })],
    ['look-up under way', show({ target: entry(1), progress })],
    ['look-up, which entry', show({ state: 'choosing' })],
    ['look-up failed', show({ state: 'failed', fault })],
    ...problems.map((problem): [string, CardView] => [`look-up, ${problem}`, show({ state: 'failed', problem })]),
    ['look-up done', show({ state: 'done', target: { ...entry(1), name: '' }, progress })],
    ['look-up cancelled', show({ state: 'cancelled', choices: [] })],
    [
      'import of a file',
      importCard(
        { ...waiting, ignoredColumns, source: { kind: 'file', name: words.owner, encoding: 'windows-1252' } },
        details,
        context,
      ),
    ],
    ['import of a list', importCard({ ...waiting, rows: [...refused, ...waiting.rows], source }, details, context)],
  ];
}
