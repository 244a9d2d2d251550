import type { TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { approvalStatus, newMailbox } from '../../services/model/mailbox.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { serverCauseIdOf, type Incident } from '../../services/model/alert.ts';
import type { Run } from '../../services/model/run.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { findLink } from '../../services/access/file-links.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

const profileName = 'Contoso: the "old" one';

async function mailboxes(count: number): Promise<string[]> {
  const { environmentId } = stage;
  const addresses = Array.from({ length: count }, (_, index) => `user${index + 1}@contoso.test`);
  const profile = { environmentId, id: 'p1', name: profileName, state: 'active' } as EmailServerProfile;
  await stage.services.store.commit([
    { kind: 'put', collection: 'profile', key: keyOf(environmentId, 'p1'), value: profile },
    ...addresses.map((address) => ({
      kind: 'put' as const,
      collection: 'mailbox' as const,
      key: keyOf(environmentId, address),
      value: newMailbox(
        { environmentId, id: address, address, type: 'user', owner: '', importedBy: ada.aadObjectId, createdAt: 0 },
        { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.approved },
      ),
    })),
  ]);
  return addresses;
}

const chat = (person: Person = ada, where?: 'personal' | 'channel'): TestAdapter => stage.talk(person, where);
const say = (text: string, adapter = chat()): Promise<Seen> => send(adapter, { type: 'message', text });
const click = (verb: Verb, id: string, adapter = chat()): Promise<Seen> => {
  const action = { type: 'Action.Execute', verb, data: { id, revision: 1 } };
  return send(adapter, { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
};
const buttons = ({ nodes }: Seen): unknown[] =>
  nodes.flatMap(({ type, verb }) => (type === 'Action.Execute' ? [verb] : type === 'Action.OpenUrl' ? ['link'] : []));
const linkOf = ({ nodes }: Seen): string => {
  const url = nodes.find(({ type }) => type === 'Action.OpenUrl')?.['url'];
  return typeof url === 'string' ? url : '';
};

async function runs(): Promise<Run[]> {
  return (await stage.services.store.query('run', { limit: 10 })).map(({ value }) => value);
}

async function begun(count = 2): Promise<string> {
  await mailboxes(count);
  await say('test user1@contoso.test user2@contoso.test');
  return (await runs())[0]?.id ?? '';
}

async function end(id: string, changes: Partial<Run> = {}): Promise<void> {
  const key = keyOf(stage.environmentId, id);
  const value = (await stage.services.store.get('run', key))?.value;
  if (value === undefined) throw new Error('no run');
  const ended: Run = { ...value, state: 'completed', done: 2, succeeded: 2, finishedAt: Date.now(), ...changes };
  await stage.services.store.commit([{ kind: 'put', collection: 'run', key, value: ended }]);
}

test('runs, before anything is there, names the first step that is missing', async () => {
  expect((await say('runs')).words).toContain('There is no profile to test with');
  const { environmentId } = stage;
  const profile = { environmentId, id: 'p1', name: profileName, state: 'active' } as EmailServerProfile;
  await stage.services.store.commit([
    { kind: 'put', collection: 'profile', key: keyOf(environmentId, 'p1'), value: profile },
  ]);
  expect((await say('runs')).words).toContain('There are no mailboxes to test');
  await mailboxes(1);
  expect((await say('runs')).words).toContain('Type “test all”');
});

describe('pause and resume', () => {
  test('by words', async () => {
    const id = await begun();
    expect((await say(`PAUSE run ${id.toLowerCase()}`)).words).toContain(`Run ${id} is paused after 0 of 2 mailboxes`);
    expect((await runs())[0]?.state).toBe('paused');
    expect((await say('runs')).words).toContain('– Paused');
    expect((await say(`resume run ${id}`)).words).toContain(`Run ${id} goes on`);
    expect((await runs())[0]?.state).toBe('running');
    expect((await say('pause run')).words).toContain('pause run ID');
    expect((await say('resume run NOPE22')).words).toContain('I do not know a run');
  });

  test('by buttons, of which a card never has more than four', async () => {
    const id = await begun();
    expect(buttons(await say(`run ${id}`))).toEqual(['run.pause', 'run.report', 'run.cancel']);
    expect(buttons(await click('run.pause', id))).toEqual(['run.resume', 'run.report', 'run.cancel']);
    expect(buttons(await click('run.pause', id))).toEqual(['run.resume', 'run.report', 'run.cancel']);
    expect(buttons(await click('run.resume', id))).toEqual(['run.pause', 'run.report', 'run.cancel']);
    await end(id, { state: 'running', done: 1, failed: 1, finishedAt: null });
    expect(buttons(await say(`run ${id}`))).toEqual(['run.pause', 'run.failures', 'run.report', 'run.cancel']);
  });

  test('cancelled only after a question in numbers, which leaves the run’s own card alone', async () => {
    const id = await begun();
    const asked = await click('run.cancel', id);
    expect(asked.words).toContain('0 of 2 mailboxes are tested. The other 2 would not be tested by this run');
    expect(buttons(asked)).toEqual(['run.confirm-cancel', 'run.keep']);
    expect((await runs())[0]?.state).toBe('running');
    const kept = await click('run.keep', id);
    expect(kept.words).toContain(`Run ${id} goes on`);
    expect(buttons(kept)).toEqual(['command.run']);
    const cancelled = await click('run.confirm-cancel', id);
    expect(cancelled.words).toContain(`Run ${id} is cancelled. 0 of 2 mailboxes had been tested.`);
    expect(buttons(cancelled)).toEqual([]);
    expect((await runs())[0]?.state).toBe('cancelled');
    // A second click, on whichever card of before.
    for (const verb of ['run.confirm-cancel', 'run.keep'] as const)
      expect((await click(verb, id)).words, verb).toContain(`Run ${id} is cancelled`);
    expect(buttons(await click('run.cancel', id))).not.toContain('run.confirm-cancel');
  });

  test('a question of before cancels nothing that has ended', async () => {
    const id = await begun();
    await end(id);
    expect((await click('run.confirm-cancel', id)).words).toContain(`Run ${id} had already ended: 2 of 2`);
    expect((await runs())[0]?.state).toBe('completed');
    expect((await click('run.confirm-cancel', id, chat(ben))).words).toContain('admin');
  });

  test('on a card of before, when the run is over: the card as it is now', async () => {
    const id = await begun();
    await end(id);
    const seen = await click('run.pause', id);
    expect(seen.words).toContain('✓ All succeeded');
    expect(buttons(seen)).toEqual(['run.report']);
    expect((await say(`pause run ${id}`)).words).toContain(`Run ${id} has ended already`);
  });

  test('not by whoever may not test', async () => {
    const id = await begun();
    expect((await click('run.pause', id, chat(ben))).words).toContain('admin');
    expect((await say(`pause run ${id}`, chat(ben))).words).toContain('admin');
    expect((await runs())[0]?.state).toBe('running');
  });
});

describe('a test of mailboxes that are in a run', () => {
  test('says which run has them, and shows its card', async () => {
    const id = await begun();
    const seen = await say('test user1@contoso.test');
    expect(seen.words).toContain(`One mailbox is in run ${id} already and is reported there.`);
    expect(seen.words).toContain(`Run ${id} · started by Ada Admin`);
    expect(await runs()).toHaveLength(1);
  });

  test('says that the run is paused and how it goes on', async () => {
    const id = await begun();
    await click('run.pause', id);
    const seen = await say('test user1@contoso.test user2@contoso.test');
    expect(seen.words).toContain(`2 mailboxes are in run ${id} already`);
    expect(seen.words).toContain(`it is paused: type \`resume run ${id}\``);
    expect(buttons(seen)).toContain('run.resume');
    expect((await click('mailbox.test', 'user1@contoso.test')).words).toContain(`in run ${id} already`);
  });

  test('begins with the others, and tells both; the card of the new run keeps who is not in it', async () => {
    const id = await begun(4);
    const asked = await say('test all');
    const confirm = asked.nodes.find(({ verb }) => verb === 'bulk.confirm')?.['data'] as { id: string };
    const seen = await click('bulk.confirm', confirm.id);
    const started = (await runs()).find((run) => run.id !== id);
    expect(seen.words).toContain(`Run ${started?.id}: testing 2 mailboxes`);
    expect(seen.words).toContain(`2 mailboxes are in run ${id} already`);
    expect((await say(`run ${started?.id}`)).words).toContain('2 tested in another run already');
  });
});

test('what is not delivered by server-side synchronization is not tested, and that is said', async () => {
  const [first = ''] = await mailboxes(2);
  const key = keyOf(stage.environmentId, first);
  const value = (await stage.services.store.get('mailbox', key))?.value;
  if (value === undefined) throw new Error('no mailbox');
  const outlook = { ...value, incomingMethod: 1, outgoingMethod: 0, actMethod: 0 } as const;
  await stage.services.store.commit([{ kind: 'put', collection: 'mailbox', key, value: outlook }]);
  const sentence = 'delivery by Email Router, Outlook, Forward Mailbox or None is not tested';
  expect((await say('test user1@contoso.test user2@contoso.test')).words).toContain(`One was not tested: ${sentence}`);
  const id = (await runs())[0]?.id;
  const card = await say(`run ${id}`);
  expect(card.words).toContain('1 not tested: delivery by Email Router, Outlook, Forward Mailbox or None');
  expect((await say('test user1@contoso.test')).words).toContain('Nothing to test');
  expect((await say('mailbox user1@contoso.test')).words).toContain('– Not tested');
});

describe('the failures of a run', () => {
  async function failed(id: string, statuses: readonly (1 | 2 | 0)[]): Promise<void> {
    const { environmentId } = stage;
    const { store } = stage.services;
    const fault = { code: 'ErrorNonExistentMailbox', params: {} } as const;
    for (const [index, status] of statuses.entries()) {
      const address = `user${index + 1}@contoso.test`;
      const key = keyOf(environmentId, address);
      const value = (await store.get('mailbox', key))?.value;
      if (value === undefined) throw new Error('no mailbox');
      const outcome = { environmentId, runId: id, mailboxId: address, fault, phases: [], causes: [] };
      await store.commit([
        { kind: 'put', collection: 'mailbox', key, value: { ...value, status } },
        { kind: 'put', collection: 'outcome', key: keyOf(environmentId, id, address), value: outcome as never },
      ]);
    }
    await end(id, { failed: statuses.length, succeeded: 0 });
  }

  test.each([
    [[2, 2], 'failed in run ID; all of them still fail'],
    [[2, 1], '2 mailboxes failed in run ID, 1 of them still fails'],
    [[1, 1], '2 mailboxes failed in run ID; all of these work again now'],
    [[1, 0], '2 mailboxes failed in run ID; none of them fails now'],
  ] as const)('%j: the list says what became of those that the card counts', async (statuses, sentence) => {
    const id = await begun();
    await failed(id, statuses);
    const seen = await click('run.failures', id);
    expect(seen.words).toContain(sentence.replace('ID', id));
    expect(seen.words).not.toContain('No mailbox fits');
  });

  test('come as a message of their own, in a channel too: the card they were opened from stays', async () => {
    const id = await begun();
    await failed(id, [2, 2]);
    const causeId = serverCauseIdOf('mail.contoso.test');
    const incident = { id: 'i1', causeId, code: 'ErrorNonExistentMailbox' } as Incident;
    const key = keyOf(stage.environmentId, incident.id);
    await stage.services.store.commit([{ kind: 'put', collection: 'incident', key, value: incident }]);
    for (const [verb, subject, adapter] of [
      ['run.failures', id, chat()],
      ['run.failures', id, chat(ada, 'channel')],
      ['incident.mailboxes', 'i1', chat(ada, 'channel')],
    ] as const) {
      await click(verb, subject, adapter);
      const posted = adapter.activeQueue.filter(({ attachments = [] }) => attachments.length > 0);
      expect(posted).toHaveLength(1);
      const answer = adapter.activeQueue.find(({ type }) => type === 'invokeResponse')?.value as {
        body: { type: string };
      };
      expect(answer.body.type).toBe('application/vnd.microsoft.activity.message');
    }
  });

  test('are counted as they are when somebody filters on', async () => {
    const id = await begun();
    await failed(id, [2, 2]);
    expect((await say(`mailboxes status:failure run:${id} user1`)).words).not.toContain(`failed in run ${id}`);
  });
});

describe('where the card of a run is', () => {
  async function named(conversationId: string, name: string): Promise<Change> {
    const key = keyOf(stage.environmentId, conversationId);
    const value = (await stage.services.store.get('conversation', key))?.value;
    if (value === undefined) throw new Error('no conversation');
    return { kind: 'put', collection: 'conversation', key, value: { ...value, name } };
  }

  test('is said, since it is in one place only', async () => {
    await mailboxes(6);
    expect((await say('test user1@contoso.test')).words).toContain('Its card below shows how it goes.');
    const chatId = (await runs())[0]?.conversationId ?? '';
    const approve = async (address: string, asked: string): Promise<string> => {
      const { environmentId, services } = stage;
      const key = keyOf(environmentId, address);
      const value = (await services.store.get('mailbox', key))?.value;
      if (value === undefined) throw new Error('no mailbox');
      const request = {
        environmentId,
        id: `r-${address}`,
        requestedBy: ada.aadObjectId,
        requestedByName: ada.name,
        requestedAt: 0,
        conversationId: asked,
        total: 1,
        pending: 1,
        approved: 0,
        rejected: 0,
        testWhenApproved: true,
        lastDecision: null,
        questions: [],
        withdrawal: null,
        approverSetId: null,
        stage: 'open' as const,
        dueAt: null,
        revision: 1,
      };
      const pending = { ...value, approval: approvalStatus.pending, approvalRequestId: request.id };
      await services.store.commit([
        { kind: 'put', collection: 'mailbox', key, value: pending },
        { kind: 'put', collection: 'approvalRequest', key: keyOf(environmentId, request.id), value: request },
      ]);
      return (await say(`approve ${address}`, chat(ben))).words;
    };
    expect(await approve('user2@contoso.test', chatId)).toContain('Its card is in Ada Admin’s chat; here, type “run ');
    await say('help', chat(ada, 'channel'));
    const channel = '19:channel@thread.tacv2';
    expect(await approve('user3@contoso.test', channel)).toContain('Its card is in the channel that asked for it');
    expect(await approve('user4@contoso.test', '')).toMatch(/Type “run \w+” to see how it goes/);
    await stage.services.store.commit([await named(channel, 'Mail team')]);
    expect(await approve('user5@contoso.test', channel)).toContain('Its card is in Mail team; here');
    expect((await say('test user6@contoso.test', chat(ada, 'channel'))).words).toContain('Its card below shows');
  });
});

describe('the report', () => {
  const reference = (over: Partial<ConversationReference>): ConversationReference =>
    ({
      kind: 'personal',
      aadObjectId: ada.aadObjectId,
      locale: 'en-US',
      language: null,
      ...over,
    }) as ConversationReference;

  async function shownIn(id: string, over: Partial<ConversationReference>): Promise<string> {
    const intent = { environmentId: stage.environmentId, kind: 'run', subjectId: id } as Parameters<
      typeof renderIntent
    >[1];
    const rendered = await renderIntent(stage.services, intent, reference(over));
    return JSON.stringify(rendered);
  }

  test('comes as a link of one’s own, in one’s own chat', async () => {
    const id = await begun();
    await end(id);
    const seen = await click('run.report', id);
    expect(seen.words).toContain('its link works once, for ten minutes');
    expect(linkOf(seen)).toMatch(/^https:\/\/mailroom\.contoso\.test\/files\/[\w-]{43}$/);
    const token = linkOf(seen).split('/').at(-1) ?? '';
    expect((await findLink(stage.services, token)).value).toMatchObject({ subjectId: id, ownerId: ada.aadObjectId });
    // Whoever reads may have one, and it is another.
    const bens = linkOf(await click('run.report', id, chat(ben)));
    expect(bens).toMatch(/\/files\/[\w-]{43}$/);
    expect(bens).not.toBe(linkOf(seen));
  });

  test('stands on no card but that of its reader', async () => {
    const id = await begun();
    const token =
      linkOf(await click('run.report', id))
        .split('/')
        .at(-1) ?? 'none';
    expect(await shownIn(id, {})).toContain(token);
    expect(await shownIn(id, { aadObjectId: ben.aadObjectId })).not.toContain('/files/');
    expect(await shownIn(id, { kind: 'channel', aadObjectId: null })).not.toContain('/files/');
    expect(linkOf(await say(`run ${id}`, chat(ben)))).toBe('');
    expect(linkOf(await say(`run ${id}`, chat(ada, 'channel')))).toBe('');
  });

  test('is not made in a channel: there it says where', async () => {
    const id = await begun();
    const seen = await click('run.report', id, chat(ada, 'channel'));
    expect(seen.words).toContain(`type “run ${id}” in your personal chat with me`);
    expect(await stage.services.store.count('fileLink', {})).toBe(0);
  });

  test('is gone a week after the end, with what else is known of single mailboxes', async () => {
    const id = await begun();
    await end(id, { results: 'gone', failed: 1, succeeded: 1 });
    const seen = await say(`run ${id}`);
    expect(seen.words).toContain('kept for 7 days and is gone');
    expect(buttons(seen)).toEqual([]);
    for (const verb of ['run.report', 'run.failures', 'run.retest-failed'] as const)
      expect((await click(verb, id)).words, verb).toContain('was kept for 7 days after its end and is gone');
  });
});

describe('all mailboxes of a profile, where the organization stamps its mailboxes', () => {
  async function stamping(): Promise<void> {
    const { key, value } = await getEnvironment(stage.services.store, stage.environmentId);
    const settings = { ...value.settings, organizationStamp: true };
    await stage.services.store.commit([
      { kind: 'put', collection: 'environment', key, value: { ...value, organizationId: 'org', settings } },
    ]);
  }

  test.each([
    ['by words', () => say(`test profile ${profileName}`)],
    ['by the button of the profile', () => click('profile.test', 'p1')],
  ])('%s: it asks first, with the choice to take them over', async (_how, ask) => {
    await mailboxes(3);
    await stamping();
    const asked = await ask();
    expect(asked.words).toContain('3 mailboxes match');
    expect(asked.nodes.some(({ id }) => id === 'takeOver')).toBe(true);
    expect(await runs()).toEqual([]);
    const confirm = asked.nodes.find(({ verb }) => verb === 'bulk.confirm')?.['data'] as { id: string };
    const action = { type: 'Action.Execute', verb: 'bulk.confirm', data: { ...confirm, takeOver: 'true' } };
    await send(chat(), { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
    expect(await runs()).toMatchObject([{ takeOver: true, total: 3, title: { kind: 'profile', name: profileName } }]);
  });

  test('a profile without mailboxes has nothing to ask about', async () => {
    await mailboxes(0);
    await stamping();
    expect((await say(`test profile ${profileName}`)).words).toContain('No mailbox');
  });

  test('without stamps it begins at once', async () => {
    await mailboxes(3);
    expect((await say(`test profile ${profileName}`)).words).toContain('testing 3 mailboxes');
    expect(await runs()).toMatchObject([{ takeOver: false, total: 3 }]);
  });
});
