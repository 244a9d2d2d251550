import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendFile } from '../../bot/web/file-download.ts';
import type { Verb } from '../../cards/verbs.ts';
import type { Role } from '../../services/model/access.ts';
import { auditEntry, type AuditEntry } from '../../services/model/audit.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, cleo, eve, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

const say = (text: string, person: Person = ada, where?: 'personal' | 'channel'): Promise<Seen> =>
  send(stage.talk(person, where), { type: 'message', text });

function click(seen: Seen, verb: Verb, inputs: object = {}, person: Person = ada): Promise<Seen> {
  const button = seen.nodes.find((node) => node['type'] === 'Action.Execute' && node['verb'] === verb);
  if (button === undefined) throw new Error(`no button ${verb}`);
  const action = { type: 'Action.Execute', verb, data: { ...(button['data'] as object), ...inputs } };
  return send(stage.talk(person), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' },
  });
}

async function hold(person: Person, ...held: Role[]): Promise<void> {
  const { environmentId } = stage;
  const { aadObjectId, name } = person;
  const value = { environmentId, aadObjectId, roles: held, name, grantedBy: 'configuration', grantedAt: 0 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'role', key: keyOf(environmentId, aadObjectId), value },
  ]);
}

/** Runs that Ada started, numbered from 1, and one entry of another environment. */
async function runs(count: number): Promise<void> {
  const actor = { tenantId: '', aadObjectId: ada.aadObjectId, name: ada.name };
  const entry = (environmentId: string, id: string): Change => ({
    kind: 'append',
    log: 'audit',
    entry: auditEntry(environmentId, 0, actor, 'run.started', [id], { mailboxes: 1 }),
  });
  for (let n = 1; n <= count; n += 1) await stage.services.store.commit([entry(stage.environmentId, `R${n}N`)]);
  await stage.services.store.commit([entry('other', 'SECRET')]);
}

const runsOn = ({ words }: Seen): string[] => [...words.matchAll(/started run (R\d+N)/g)].map(([, id = '']) => id);
const verbsOf = ({ nodes }: Seen): unknown[] =>
  nodes.flatMap(({ type, verb }) => (type === 'Action.Execute' ? [verb] : type === 'Action.OpenUrl' ? ['link'] : []));
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: from - to + 1 }, (_, index) => `R${from - index}N`);

async function entries(kind: AuditEntry['kind']): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for await (const entry of stage.services.store.readLog('audit')) if (entry.kind === kind) found.push(entry);
  return found;
}

describe('history', () => {
  test('shows the newest entries first, as sentences with local times, and says that the trail is complete', async () => {
    await runs(3);
    const seen = await say('history');
    expect(runsOn(seen)).toEqual(numbered(3, 1));
    expect(seen.words).toContain('Ada Admin started run R3N with one mailbox.');
    expect(seen.words).toMatch(/\{\{DATE\(\d{4}-\d\d-\d\dT[\d:]+Z, SHORT\)\}\}/);
    expect(seen.words).toContain('✓ Complete');
    expect(seen.words).toContain('The trail is complete: 6 entries since');
    expect(seen.words).toMatch(/Hash of entry 6: [0-9a-f]{64}/);
    expect(seen.words).not.toContain('SECRET');
  });

  test('turns pages that stay while new entries come, and a double click turns one page', async () => {
    await runs(23);
    const first = await say('history run.started');
    expect(runsOn(first)).toEqual(numbered(23, 14));
    expect(verbsOf(first)).toEqual(['history.filter', 'history.next', 'history.export']);
    await runs(2);
    const second = await click(first, 'history.next');
    expect(runsOn(second)).toEqual(numbered(13, 4));
    expect(runsOn(await click(first, 'history.next'))).toEqual(numbered(13, 4));
    const third = await click(second, 'history.next');
    expect(runsOn(third)).toEqual(numbered(3, 1));
    expect(verbsOf(third)).toEqual(['history.filter', 'history.previous', 'history.export']);
    expect(runsOn(await click(third, 'history.previous'))).toEqual(numbered(13, 4));
  });

  test('finds by words of an address, a person or an event; a new search sees what came since', async () => {
    await runs(12);
    const seen = await say('history r3n ADA');
    expect(runsOn(seen)).toEqual(['R3N']);
    expect((await say('history nobody@contoso.test')).words).toContain('No entry has all these words.');
    await hold(eve);
    await say('mailboxes', eve);
    const found = await click(seen, 'history.filter', { filter: 'eve access.refused' });
    expect(found.words).toContain('Eve Evans tried “mailboxes” without the role for it.');
    expect(runsOn(found)).toEqual([]);
    const text = '<at>Mailroom</at> history <at>Eve Evans</at>';
    const mention = { type: 'mention', text: '<at>Eve Evans</at>', mentioned: eve };
    const byMention = await send(stage.talk(ada, 'channel'), { type: 'message', text, entities: [mention] });
    expect(byMention.words).toContain('Eve Evans tried “mailboxes”');
    expect(runsOn(byMention)).toEqual([]);
  });

  test('says where something was done: the name of the channel, or one’s own chat', async () => {
    await hold(eve);
    await say('mailboxes', eve);
    await say('<at>Mailroom</at> runs', eve, 'channel');
    const seen = await say('history access.refused');
    expect(seen.words).toContain('own chat with Mailroom');
    expect((await entries('access.refused')).map(({ from }) => from)).toEqual([
      `a:${eve.id}`,
      '19:channel@thread.tacv2',
    ]);
  });

  test('is not the list of mailboxes: a view of one kind is none of the other', async () => {
    const history = await say('history');
    const button = history.nodes.find(({ verb }) => verb === 'history.filter');
    const action = {
      type: 'Action.Execute',
      verb: 'mailboxes.next',
      data: { ...(button?.['data'] as object), verb: 'mailboxes.next' },
    };
    const value = { action, trigger: 'manual' };
    const seen = await send(stage.talk(ada), { type: 'invoke', name: 'adaptiveCard/action', value });
    expect(seen.words).toContain('too old to turn its pages');
  });
});

describe('export history', () => {
  const download = async (seen: Seen): Promise<string> => {
    const url = String(seen.nodes.find(({ type }) => type === 'Action.OpenUrl')?.['url']);
    const token = /\/files\/([\w-]{43})$/.exec(url)?.[1] ?? '';
    const answer = await sendFile(stage.services, { token, headers: {} });
    if (!('chunks' in answer)) return `${answer.status}`;
    let text = '';
    for await (const chunk of answer.chunks) text += chunk;
    return text;
  };

  test('gives a link that works once; the file holds every entry with its hash, and its download is in the trail', async () => {
    await runs(450);
    const seen = await say('export history');
    expect(verbsOf(seen)).toContain('link');
    const text = await download(seen);
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toContain('"No.","Time (UTC)","Who"');
    expect(lines.filter((line) => line.includes('"run.started"'))).toHaveLength(450);
    expect(lines[1]).toMatch(/^1,"[\d: -]{19}","Mailroom","system","role\.seeded",.*,"[0-9a-f]{64}"$/);
    expect(text).not.toContain('SECRET');
    expect(text).toContain('"Trail","complete"');
    expect(await download(seen)).toBe('410');
    expect(await entries('history.exported')).toMatchObject([{ actorId: ada.aadObjectId, subjects: ['all'] }]);
  });

  test('cannot be made to run a formula by whoever is written about', async () => {
    const actor = { tenantId: '', aadObjectId: 'x', name: '=HYPERLINK("http://evil.example")' };
    const entry = auditEntry(stage.environmentId, 0, actor, 'access.refused', ['+1+1'], { reason: '@SUM(A1)' });
    await stage.services.store.commit([{ kind: 'append', log: 'audit', entry }]);
    const text = await download(await say('export history'));
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
    expect(text).toContain(`"'+1+1"`);
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
  });

  test('is refused in a channel, and a link is worth nothing once the role is gone', async () => {
    expect((await say('<at>Mailroom</at> export history', ada, 'channel')).words).toContain('from your own chat');
    await hold(eve, 'auditor');
    const seen = await say('export history', eve);
    await hold(eve, 'viewer');
    expect(await download(seen)).toBe('403');
    expect(await entries('history.exported')).toEqual([]);
  });
});

describe('an auditor', () => {
  beforeEach(() => hold(cleo, 'auditor'));

  test('reads everything', async () => {
    for (const command of [
      'profiles',
      'mailboxes',
      'pending',
      'runs',
      'alerts',
      'subscriptions',
      'email settings',
      'roles',
      'history',
    ])
      expect((await say(command, cleo)).words, command).not.toContain('You do not have the role');
  });

  test('changes nothing, by words or clicks', async () => {
    const changing = [
      'create profile',
      'edit profile x',
      'import mailboxes a@b.test',
      'apply defaults',
      'approve all',
      'reject a@b.test because no',
      'approvers here',
      'test all',
      'pause run X',
      'resume run X',
      'cancel run X',
      'grant admin',
      'revoke admin',
      'subscribe',
      'unsubscribe',
    ];
    for (const command of changing)
      expect((await say(command, cleo)).words, command).toContain('You do not have the role');
    expect((await entries('access.refused')).map(({ subjects }) => subjects[0])).toHaveLength(changing.length);
  });
});

test('approvers and viewers do not see the history, nor turn its pages by a forged click', async () => {
  await runs(12);
  const seen = await say('history');
  await hold(eve, 'viewer');
  for (const person of [ben, eve]) {
    for (const command of ['history', 'export history', 'roles'])
      expect((await say(command, person)).words, command).toContain('You do not have the role');
    for (const verb of ['history.next', 'history.filter', 'history.export'] as const)
      expect((await click(seen, verb, { filter: 'x' }, person)).words).toContain('You do not have the role');
  }
});
