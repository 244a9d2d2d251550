import type { TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import { MailroomError } from '../../services/model/error.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { Intent } from '../../services/model/intent.ts';
import { reviewOwners } from '../../services/alerts/review-owners.ts';
import { keyOf } from '../../services/storage/store.ts';
import { send, type Seen } from './seen.ts';
import { ada, cleo, eve, gus, openStage, tenantId, type Person, type Stage } from './stage.ts';

const elsewhere = 'f0e1d2c3-0000-4c0a-9a7e-c0470500b002';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  await stage.services.store.commit(
    [mailboxOf('cleo@contoso.test'), mailboxOf('eve@contoso.test')].flatMap((mailbox) => [
      { kind: 'put', collection: 'mailbox', key: keyOf(stage.environmentId, mailbox.id), value: mailbox },
      {
        kind: 'put',
        collection: 'alert',
        key: keyOf(stage.environmentId, mailbox.id, 'ErrorQuotaExceeded'),
        value: {
          environmentId: stage.environmentId,
          mailboxId: mailbox.id,
          directions: ['incoming'],
          address: mailbox.address,
          profileId: 'p1',
          causeId: 'p1~ErrorQuotaExceeded',
          fault: { code: 'ErrorQuotaExceeded', params: { account: 'svc-secret', host: 'mail.inside.test' } },
          level: 'error',
          firstAt: 1000,
          lastAt: 1000,
          count: 1,
        },
      },
    ]),
  );
});
afterEach(() => stage.dispose());

function mailboxOf(address: string): Mailbox {
  return newMailbox(
    {
      environmentId: stage.environmentId,
      id: address,
      address,
      type: 'user',
      owner: address,
      importedBy: ada.aadObjectId,
      createdAt: 0,
    },
    { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 1 },
  );
}

/** `tenant`: where the person is at home. */
function adapterOf(person: Person, tenant = tenantId): TestAdapter {
  const adapter = stage.talk(person);
  // What the template has wins over what is sent.
  const { conversation } = adapter.template;
  if (conversation !== undefined) adapter.template.conversation = { ...conversation, tenantId: tenant };
  adapter.template.channelData = { tenant: { id: tenant } };
  return adapter;
}

const install = (person: Person, tenant?: string): Promise<Seen> =>
  send(adapterOf(person, tenant), { type: 'installationUpdate', action: 'add', from: person });

function click(verb: string, person: Person, id = 'own', where?: 'personal' | 'channel'): Promise<Seen> {
  return send(stage.talk(person, where), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action: { type: 'Action.Execute', verb, data: { verb, id, revision: 0 } }, trigger: 'manual' },
  });
}

async function review(): Promise<void> {
  while (await reviewOwners(stage.services, stage.environmentId));
}

const ownerWishes = async (): Promise<Intent[]> =>
  (await stage.services.store.query('intent', { where: { kind: 'owner' }, limit: 100 })).map(({ value }) => value);
const people = async (): Promise<string[]> =>
  (await stage.services.store.query('person', { limit: 100 })).map(({ value }) => `${value.name} ${value.account}`);

describe('whoever installs Mailroom', () => {
  test('is known by it, without a word, and told what fails already', async () => {
    await install(cleo);
    expect(await people()).toEqual(['Cleo Clark cleo@contoso.test']);
    await review();
    expect((await ownerWishes()).map(({ conversationId, subjectId }) => [conversationId, subjectId])).toEqual([
      ['a:29:cleo', cleo.aadObjectId],
    ]);
  });

  test('is not kept as a guest, nor when nobody vouches for them, nor from elsewhere', async () => {
    const refuse = (code: 'access.guest' | 'access.unverified') => () => Promise.reject(new MailroomError(code));
    for (const code of ['access.guest', 'access.unverified'] as const) {
      await stage.dispose();
      stage = await openStage(refuse(code));
      expect((await install(gus)).words).toContain('Hello');
      expect([code, await people()]).toEqual([code, []]);
    }
    await stage.dispose();
    stage = await openStage();
    expect((await install(cleo, elsewhere)).words).toBe('');
    expect(await people()).toEqual([]);
    expect(await stage.services.store.count('conversation', {})).toBe(0);
  });

  test('is not greeted with an error of the bot, which is no answer of the roster', async () => {
    await stage.dispose();
    stage = await openStage(() => Promise.reject(new Error('a bug')));
    await expect(install(cleo)).rejects.toThrow('a bug');
  });
});

describe('whoever says something', () => {
  test('is known from then on, in a channel too, with the sign-in name of the roster', async () => {
    await send(stage.talk(cleo, 'channel'), { type: 'message', text: 'help' });
    const [found] = await stage.services.store.query('person', { limit: 10 });
    expect(found?.value).toMatchObject({
      aadObjectId: cleo.aadObjectId,
      teamsId: '29:cleo',
      account: 'cleo@contoso.test',
      name: 'Cleo Clark',
    });
  });

  test('is not known when the roster refuses them', async () => {
    await stage.dispose();
    stage = await openStage(() => Promise.reject(new MailroomError('access.guest')));
    await send(stage.talk(gus), { type: 'message', text: 'help' });
    expect(await people()).toEqual([]);
  });

  test('is not known from another tenant', async () => {
    const seen = await send(adapterOf(eve, elsewhere), { type: 'message', text: 'help' });
    expect(seen.words).toContain('organization');
    expect(await people()).toEqual([]);
  });
});

describe('the card of an owner without a role', () => {
  test('is opened from help, shows their own mailboxes and nothing of servers, accounts or others', async () => {
    const help = await send(stage.talk(cleo), { type: 'message', text: 'help' });
    const button = help.nodes.find(({ verb }) => verb === 'owner.show');
    expect(button).toBeDefined();
    expect((await click('owner.show', cleo, 'help')).words).toContain('Your mailboxes are shown below');
    expect((await ownerWishes()).map(({ placement }) => placement)).toEqual(['repost']);
    const { words } = await click('owner.show', cleo);
    expect(words).toContain('cleo@contoso.test');
    expect(words).toContain('The mailbox is full.');
    expect(words).not.toMatch(/eve@|svc-secret|inside|ErrorQuota|p1/);
  });

  test('is the reader’s own, whatever id a click carries', async () => {
    await send(stage.talk(eve), { type: 'message', text: 'help' });
    for (const id of [eve.aadObjectId, 'eve@contoso.test', '29:eve', 'help', '']) {
      const { words } = await click('owner.show', cleo, id === 'help' ? 'own' : id);
      expect(words, id).not.toContain('eve@');
    }
    await click('owner.mute', cleo, eve.aadObjectId);
    const notices = await stage.services.store.query('ownerNotice', { limit: 10 });
    expect(notices.map(({ value }) => value.aadObjectId)).toEqual([cleo.aadObjectId]);
  });

  test('is not shown to somebody of the same name', async () => {
    await send(stage.talk({ ...eve, name: cleo.name }), { type: 'message', text: 'help' });
    const { words } = await click('owner.show', { ...eve, name: cleo.name });
    expect(words).toContain('eve@contoso.test');
    expect(words).not.toContain('cleo@');
  });

  test('is not shown where others read, and silence is not asked for there', async () => {
    for (const verb of ['owner.show', 'owner.mute', 'owner.unmute']) {
      const { words } = await click(verb, cleo, 'own', 'channel');
      expect(words, verb).toContain('in your own chat with me only');
    }
    expect(await stage.services.store.count('ownerNotice', {})).toBe(0);
  });

  test('is muted and unmuted by its reader, and leaves no trace of that', async () => {
    const titles = ({ nodes }: Seen): unknown[] =>
      nodes.flatMap(({ type, title }) => (type === 'Action.Execute' ? [title] : []));
    for (const _twice of [1, 2]) {
      const muted = await click('owner.mute', cleo);
      expect(muted.words).toContain('off, as you asked');
      expect(titles(muted)).toEqual(['Show my mailboxes', 'Tell me about them again']);
    }
    expect(titles(await click('owner.unmute', cleo))).toEqual(['Show my mailboxes', 'No messages about them']);
    const kinds: string[] = [];
    for await (const { kind } of stage.services.store.readLog('audit')) kinds.push(kind);
    expect(kinds.filter((kind) => kind !== 'role.seeded')).toEqual([]);
  });

  test('is refused to guests', async () => {
    await stage.dispose();
    stage = await openStage(() => Promise.reject(new MailroomError('access.guest')));
    expect((await click('owner.show', gus)).words).toContain('Guests cannot use Mailroom');
  });

  test('goes to nobody else’s chat and to no channel, and is in the language of its reader', async () => {
    await install(cleo);
    await install(eve);
    const intent: Intent = {
      environmentId: stage.environmentId,
      kind: 'owner',
      subjectId: cleo.aadObjectId,
      conversationId: 'a:29:cleo',
      placement: 'refresh',
      createdAt: 0,
      notBefore: 0,
      attempts: 0,
    };
    const chatOf = async (person: Person) => {
      const found = await stage.services.store.get('conversation', keyOf(stage.environmentId, `a:${person.id}`));
      if (found === undefined) throw new Error('no chat');
      return found.value;
    };
    expect(await renderIntent(stage.services, intent, await chatOf(eve))).toBe('gone');
    const channel = { ...(await chatOf(cleo)), kind: 'channel', aadObjectId: null } as const;
    expect(await renderIntent(stage.services, intent, channel)).toBe('gone');
    await send(stage.talk(cleo), { type: 'message', text: 'language de' });
    expect(await renderIntent(stage.services, intent, await chatOf(cleo))).toMatchObject({
      summary: 'Ihr Postfach cleo@contoso.test arbeitet nicht vollständig mit Dynamics 365',
    });
  });
});
