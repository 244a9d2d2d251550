import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { Verb } from '../../cards/verbs.ts';
import { rolesOf } from '../../services/access/roles.ts';
import { changeSubscription } from '../../services/conversations/subscriptions.ts';
import type { Role } from '../../services/model/access.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { RoleChange } from '../../services/model/role-change.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, textOf } from '../cards/card-client.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, cleo, eve, fay, gus, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

type Who = Pick<Person, 'id' | 'name'> & { aadObjectId?: string };
const mention = ({ id, name, aadObjectId }: Who, text = `<at>${name}</at>`) => ({
  type: 'mention',
  text,
  mentioned: { id, name, ...(aadObjectId === undefined ? {} : { aadObjectId }) },
});
const mailroom = mention({ id: '28:bot', name: 'Mailroom' });

/** Types a command with mentions in the channel, as Teams sends it. */
function say(person: Person, command: string, ...people: Who[]): Promise<Seen> {
  const text = `<at>Mailroom</at> ${command} ${people.map(({ name }) => `<at>${name}</at>`).join(' ')}`;
  const entities = [mailroom, ...people.map((who) => mention(who))];
  return send(stage.talk(person, 'channel'), { type: 'message', text, entities });
}

const click = (person: Person, verb: Verb, id: string, inputs: object = {}): Promise<Seen> => {
  const action = { type: 'Action.Execute', verb, data: { id, revision: 1, ...inputs } };
  return send(stage.talk(person), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' },
  });
};

const roles = (person: Person): Promise<readonly Role[]> =>
  rolesOf(stage.services, stage.environmentId, person.aadObjectId);

async function changes(): Promise<RoleChange[]> {
  const all = await stage.services.store.query('roleChange', { limit: 100 });
  return all.map(({ value }) => value).toSorted((a, b) => a.askedAt - b.askedAt);
}

const last = async (): Promise<RoleChange> => {
  const found = (await changes()).findLast(({ state }) => state === 'asked' || state === 'waiting');
  if (found === undefined) throw new Error('nothing was asked');
  return found;
};

async function audit(kind: AuditEntry['kind']): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for await (const entry of stage.services.store.readLog('audit')) if (entry.kind === kind) found.push(entry);
  return found;
}

/** Gives a role without asking, to set the scene. */
async function hold(person: Person, ...held: Role[]): Promise<void> {
  const { environmentId } = stage;
  const { aadObjectId, name } = person;
  const value = { environmentId, aadObjectId, roles: held, name, grantedBy: 'configuration', grantedAt: 0 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'role', key: keyOf(environmentId, aadObjectId), value },
  ]);
}

const buttons = ({ nodes }: Seen): unknown[] =>
  nodes.flatMap(({ type, verb }) => (type === 'Action.Execute' ? [verb] : []));

/** The cards that are on their way, by conversation. */
async function announced(): Promise<string[]> {
  const found = await stage.services.store.query('intent', { where: { kind: 'role-change' }, limit: 100 });
  return found.map(({ value }) => value.conversationId).toSorted();
}

describe('grant', () => {
  test('shows the effect and who is meant, and does nothing before the yes', async () => {
    const seen = await say(ada, 'GRANT  auditor', cleo);
    expect(seen.words).toContain('Make Cleo Clark auditor?');
    expect(seen.words).toContain('cleo@contoso.test');
    expect(seen.words).toContain('An auditor reads everything, the history too, and changes nothing.');
    expect(seen.words).toContain('It takes effect at once.');
    expect(buttons(seen)).toEqual(['role.confirm', 'role.cancel']);
    expect(await roles(cleo)).toEqual([]);
    const done = await click(ada, 'role.confirm', (await last()).id);
    expect(done.words).toContain('✓ Done');
    expect(await roles(cleo)).toEqual(['auditor']);
    expect(await audit('role.granted')).toMatchObject([
      {
        actorId: ada.aadObjectId,
        subjects: [cleo.aadObjectId],
        from: `a:${ada.id}`,
        details: { person: 'Cleo Clark', role: 'auditor', before: '', after: 'auditor' },
      },
    ]);
  });

  test('is done once, however often it is clicked, and not at all after a cancel', async () => {
    await say(ada, 'grant viewer', cleo);
    const { id } = await last();
    await click(ada, 'role.confirm', id);
    expect((await click(ada, 'role.confirm', id)).words).toContain('✓ Done');
    expect(await audit('role.granted')).toHaveLength(1);
    await say(ada, 'grant auditor', cleo);
    const second = await last();
    expect((await click(ada, 'role.cancel', second.id)).words).toContain('Cancelled');
    expect((await click(ada, 'role.confirm', second.id)).words).toContain('Cancelled');
    expect(await roles(cleo)).toEqual(['viewer']);
  });

  test('of approver waits for a second person, who is neither the one who asks nor the one who profits (law 10)', async () => {
    await hold(cleo, 'admin');
    expect((await say(ada, 'grant approver', cleo)).words).toContain('A second person has to agree first');
    const { id } = await last();
    expect((await click(ada, 'role.confirm', id)).words).toContain('Needs a second person');
    expect(await roles(cleo)).toEqual(['admin']);
    expect((await click(ada, 'role.agree', id)).words).toContain('You asked for this yourself');
    expect((await click(cleo, 'role.agree', id)).words).toContain('This is about your own role');
    expect((await click(eve, 'role.agree', id)).words).toContain('You do not have the role');
    expect(await roles(cleo)).toEqual(['admin']);
    expect((await click(ben, 'role.agree', id)).words).toContain('Done by two people');
    expect(await roles(cleo)).toEqual(['admin', 'approver']);
    expect(await audit('role.proposed')).toMatchObject([{ actorId: ada.aadObjectId }]);
    expect(await audit('role.granted')).toMatchObject([
      { actorId: ben.aadObjectId, details: { askedBy: 'Ada Admin', before: 'admin', after: 'admin, approver' } },
    ]);
  });

  test('that the second person refuses changes nothing and is written down', async () => {
    await say(ada, 'grant admin', eve);
    const { id } = await last();
    await click(ada, 'role.confirm', id);
    expect((await click(ben, 'role.refuse', id)).words).toContain('Refused');
    expect((await click(ben, 'role.agree', id)).words).toContain('Refused');
    expect(await roles(eve)).toEqual([]);
    expect(await audit('role.refused')).toMatchObject([{ actorId: ben.aadObjectId, subjects: [eve.aadObjectId] }]);
  });

  test('with nobody there who could agree is done and told to every conversation with approvals or alerts', async () => {
    await hold(ben);
    const actor = { tenantId: '', aadObjectId: ada.aadObjectId, name: ada.name };
    const { services, environmentId } = stage;
    await changeSubscription(services, environmentId, actor, '19:approvals', { approvals: true });
    await changeSubscription(services, environmentId, actor, '19:alerts', { alerts: 'errors' });
    expect((await say(ada, 'grant approver', cleo)).words).toContain(
      'every conversation with approvals or alerts is told',
    );
    const { id } = await last();
    expect((await click(ada, 'role.confirm', id)).words).toContain('Done by one person');
    expect(await roles(cleo)).toEqual(['approver']);
    expect(await announced()).toEqual(['19:alerts', '19:approvals', `a:${ada.id}`]);
    expect(await audit('role.granted')).toMatchObject([{ details: { alone: true } }]);
  });

  test('does not count the one who profits as a second person', async () => {
    expect((await say(ada, 'grant admin', ben)).words).toContain('Nobody is there who could agree');
    expect((await click(ada, 'role.confirm', (await last()).id)).words).toContain('Done by one person');
    expect(await roles(ben)).toEqual(['admin', 'approver']);
  });

  test('asks again when nobody is left who could agree: a yes to being asked about is none to doing it alone', async () => {
    expect((await say(ada, 'grant approver', cleo)).words).toContain('A second person has to agree first');
    const { id } = await last();
    await hold(ben);
    expect((await click(ada, 'role.confirm', id)).words).toContain('Nobody is there who could agree');
    expect(await roles(cleo)).toEqual([]);
    expect((await click(ada, 'role.confirm', id)).words).toContain('Done by one person');
    expect(await roles(cleo)).toEqual(['approver']);
  });

  test('shows the question in the chat of the second person, with the buttons, and without them to the others', async () => {
    await send(stage.talk(ben), { type: 'message', text: 'help' });
    await say(ada, 'grant approver', cleo);
    await click(ada, 'role.confirm', (await last()).id);
    const { services, environmentId } = stage;
    const seenIn = async (conversationId: string): Promise<Seen> => {
      const intent = await services.store.get(
        'intent',
        keyOf(environmentId, conversationId, 'role-change', (await last()).id),
      );
      const where = await services.store.get('conversation', keyOf(environmentId, conversationId));
      if (intent === undefined || where === undefined) throw new Error('no card');
      const card = await renderIntent(services, intent.value, where.value);
      if (card === 'gone') throw new Error('gone');
      return { words: textOf(card.card), cards: [card.card], nodes: nodesOf(card.card) };
    };
    expect(buttons(await seenIn(`a:${ben.id}`))).toEqual(['role.agree', 'role.refuse']);
    expect(buttons(await seenIn(`a:${ada.id}`))).toEqual([]);
  });

  test('that was asked before the roles changed, or long ago, or by somebody who is no admin any more, is void', async () => {
    await hold(eve, 'admin');
    await say(ada, 'grant approver', cleo);
    const { id } = await last();
    await click(ada, 'role.confirm', id);
    await hold(ada, 'viewer');
    expect((await click(ben, 'role.agree', id)).words).toContain('No longer valid');
    await say(eve, 'grant approver', cleo);
    const second = await last();
    await hold(cleo, 'auditor');
    expect((await click(eve, 'role.confirm', second.id)).words).toContain('No longer valid');
    await say(eve, 'grant viewer', cleo);
    const third = await last();
    const key = keyOf(stage.environmentId, third.id);
    const value = { ...third, askedAt: third.askedAt - 25 * 60 * 60 * 1000 };
    await stage.services.store.commit([{ kind: 'put', collection: 'roleChange', key, value }]);
    expect((await click(eve, 'role.confirm', third.id)).words).toContain('No longer valid');
    expect(await roles(cleo)).toEqual(['auditor']);
  });
});

describe('the form on the card of the roles', () => {
  test('gives a role to whom the roster knows by this id, and to nobody else', async () => {
    const seen = await say(ada, 'roles');
    expect(buttons(seen)).toEqual(['roles.grant', 'roles.revoke']);
    const choose = (person: string, role = 'viewer'): Promise<Seen> => click(ada, 'roles.grant', 'x', { person, role });
    for (const [person, role] of [
      ['', 'viewer'],
      ['Cleo Clark', 'viewer'],
      [`${cleo.aadObjectId}/..`, 'viewer'],
      [cleo.aadObjectId, 'owner'],
      [cleo.aadObjectId, '__proto__'],
    ] as const)
      expect((await choose(person, role)).words).toContain('Nobody is chosen');
    expect((await choose('99999999-0000-4000-8000-000000000009')).words).toContain('I could not confirm with Teams');
    expect((await choose(gus.aadObjectId)).words).toContain('Guests and people of other organizations');
    expect((await choose(fay.aadObjectId)).words).toContain('Guests and people of other organizations');
    expect(await changes()).toEqual([]);
    const asked = await choose(cleo.aadObjectId.toUpperCase());
    expect(asked.words).toContain('Make Cleo Clark viewer?');
    await click(ada, 'role.confirm', (await last()).id);
    expect(await roles(cleo)).toEqual(['viewer']);
  });

  test('cannot be used by whoever is no admin', async () => {
    const forged = await click(ben, 'roles.grant', 'x', { person: ben.aadObjectId, role: 'admin' });
    expect(forged.words).toContain('You do not have the role');
    expect(await changes()).toEqual([]);
  });
});

describe('revoke', () => {
  test('takes effect at once, also for cards and conversations of before', async () => {
    const chat = stage.talk(ben);
    expect((await send(chat, { type: 'message', text: 'pending' })).words).not.toContain('You do not have the role');
    expect((await say(ada, 'revoke approver', ben)).words).toContain('Nobody else holds the role approver.');
    await click(ada, 'role.confirm', (await last()).id);
    expect(await roles(ben)).toEqual([]);
    expect((await send(chat, { type: 'message', text: 'pending' })).words).toContain('You do not have the role');
    expect((await click(ben, 'approval.approve-all', 'R1')).words).toContain('You do not have the role');
    expect(await audit('role.revoked')).toMatchObject([{ details: { before: 'approver', after: '' } }]);
  });

  test('never takes the last admin, oneself included', async () => {
    expect((await say(ada, 'revoke admin', ada)).words).toContain('This is the last admin');
    await hold(cleo, 'admin');
    await say(ada, 'revoke admin', ada);
    await click(ada, 'role.confirm', (await last()).id);
    expect(await roles(ada)).toEqual([]);
    expect((await say(cleo, 'revoke admin', cleo)).words).toContain('This is the last admin');
    expect(await roles(cleo)).toEqual(['admin']);
  });

  test.each([
    ['take each other away', cleo, ada],
    ['both step back', ada, cleo],
  ])('of two admins who %s at once, one stays', async (_name, adasChoice, cleosChoice) => {
    for (let round = 0; round < 5; round += 1) {
      await hold(ada, 'admin');
      await hold(cleo, 'admin');
      await say(ada, 'revoke admin', adasChoice);
      await say(cleo, 'revoke admin', cleosChoice);
      const asked = (await changes()).filter(({ state }) => state === 'asked');
      const idOf = (person: Person): string =>
        asked.find(({ askedBy }) => askedBy === person.aadObjectId)?.id ?? 'not asked';
      await Promise.all([click(ada, 'role.confirm', idOf(ada)), click(cleo, 'role.confirm', idOf(cleo))]);
      expect([...(await roles(ada)), ...(await roles(cleo))]).toEqual(['admin']);
      for (const { id } of asked)
        await stage.services.store.commit([
          { kind: 'delete', collection: 'roleChange', key: keyOf(stage.environmentId, id) },
        ]);
    }
  });

  test('of a role that the person does not have, and a grant of one that is held, are told', async () => {
    expect((await say(ada, 'revoke auditor', ben)).words).toContain('Ben Brandt does not have the role auditor');
    expect((await say(ada, 'grant approver', ben)).words).toContain('Ben Brandt has the role approver already');
    expect(await changes()).toEqual([]);
  });

  test('is found on the pages of the card, also with many people', async () => {
    const { environmentId } = stage;
    for (let n = 10; n < 35; n += 1)
      await hold({ id: '', name: `Viewer ${n}`, aadObjectId: `00000000-0000-4000-8000-0000000000${n}` }, 'viewer');
    const turn = (seen: Seen, verb: Verb): Promise<Seen> => {
      const data = seen.nodes.find((node) => node['verb'] === verb)?.['data'] as { id: string; revision: number };
      return click(ada, verb, data.id, { revision: data.revision });
    };
    const first = await say(ada, 'roles');
    expect(first.words).toContain('1 to 10 of 27');
    expect(first.words.indexOf('Ada Admin')).toBeLessThan(first.words.indexOf('Viewer 10'));
    const second = await turn(first, 'roles.next');
    expect((await turn(first, 'roles.next')).words).toBe(second.words);
    const third = await turn(second, 'roles.next');
    expect(third.words).toContain('21 to 27 of 27');
    expect((await turn(third, 'roles.previous')).words).toContain('11 to 20 of 27');
    expect((await click(ada, 'roles.next', `history/${environmentId}`)).words).toContain('too old to turn its pages');
  });

  test('works from the card of the roles, where the choice is only a wish', async () => {
    const seen = await say(ada, 'roles');
    expect(seen.words).toContain('Ada Admin');
    expect(seen.words).toContain('admin, since {{DATE(');
    expect(seen.words).toContain('from the configuration at the first start');
    for (const assignment of ['', 'approver', 'owner x', `approver ${cleo.aadObjectId}`, '__proto__ constructor'])
      expect((await click(ada, 'roles.revoke', 'roles', { assignment })).words).toMatch(
        /No role is chosen|does not have/,
      );
    await click(ada, 'roles.revoke', 'roles', { assignment: `approver ${ben.aadObjectId}` });
    expect(await roles(ben)).toEqual(['approver']);
    await click(ada, 'role.confirm', (await last()).id);
    expect(await roles(ben)).toEqual([]);
  });
});

describe('who is meant', () => {
  const nothing = async (seen: Seen, sentence: string): Promise<void> => {
    expect(seen.words).toContain(sentence);
    expect(await changes()).toEqual([]);
  };

  test('is said by a mention alone: a typed name, address or id is answered with how to do it', async () => {
    for (const typed of ['Cleo Clark', '@Cleo', cleo.aadObjectId, 'cleo@contoso.test'])
      await nothing(await say(ada, `grant viewer ${typed}`), 'does not say for certain who is meant');
    await nothing(await say(ada, 'grant viewer cleo@contoso.test', eve), 'does not say for certain who is meant');
    await nothing(await say(ada, 'grant viewer'), 'I cannot see whom you mean');
    await nothing(await say(ada, 'grant'), '“grant ROLE @PERSON”');
    await nothing(await say(ada, 'grant owner', cleo), 'I do not know a role');
  });

  test('is one person at a time', async () => {
    await nothing(await say(ada, 'grant viewer', cleo, eve), 'Mention one person at a time');
    await nothing(await say(ada, 'grant viewer', cleo, { ...cleo, name: 'Cleo' }), 'Mention one person at a time');
  });

  test('is decided by the id: a mention that reads Cleo and points to Eve is refused', async () => {
    await nothing(await say(ada, 'grant viewer', { ...eve, name: 'Cleo Clark' }), 'Teams says that it is Eve Evans');
    await nothing(await say(ada, 'grant viewer', { ...eve, name: 'Eve Clark' }), 'Teams says that it is Eve Evans');
    // The object id beside the id is another person's: nobody can tell which of the two is meant.
    await nothing(await say(ada, 'grant viewer', { ...eve, aadObjectId: cleo.aadObjectId }), 'I could not confirm');
  });

  test('is found by the roster when the mention has no object id, and a shortened name is still that name', async () => {
    await say(ada, 'grant viewer', { id: cleo.id, name: 'Cleo' });
    expect(await last()).toMatchObject({ personId: cleo.aadObjectId, personName: 'Cleo Clark' });
  });

  test('is nobody without an id, with one that the roster does not know, or in an entity that nobody sees', async () => {
    const text = '<at>Mailroom</at> grant viewer <at>Cleo Clark</at>';
    const tries: object[] = [
      { type: 'mention', text: '<at>Cleo Clark</at>' },
      { type: 'mention', text: '<at>Cleo Clark</at>', mentioned: { name: 'Cleo Clark' } },
      { type: 'mention', text: '<at>Cleo Clark</at>', mentioned: { id: 7, aadObjectId: cleo.aadObjectId } },
      { type: 'mention', text: '<at>Somebody unseen</at>', mentioned: eve },
      { type: 'mention', mentioned: eve },
      { type: 'mention', text: '', mentioned: eve },
    ];
    for (const entity of tries) {
      const entities = [mailroom, entity as typeof mailroom];
      await nothing(await send(stage.talk(ada, 'channel'), { type: 'message', text, entities }), 'I cannot see whom');
    }
    const stranger = { id: '29:nobody', name: 'Cleo Clark', aadObjectId: cleo.aadObjectId };
    await nothing(await say(ada, 'grant viewer', stranger), 'I could not confirm with Teams who that is');
  });

  test('is no guest and nobody of another organization', async () => {
    await nothing(await say(ada, 'grant viewer', gus), 'Guests and people of other organizations');
    await nothing(await say(ada, 'grant viewer', fay), 'Guests and people of other organizations');
  });
});

describe('whoever is no admin', () => {
  test.each<[string, Role[]]>([
    ['an approver', ['approver']],
    ['an auditor', ['auditor']],
    ['a viewer', ['viewer']],
    ['somebody without a role', []],
  ])('%s cannot give, take or confirm a role, by words or by forged clicks', async (_name, held) => {
    await hold(eve, ...held);
    await say(ada, 'grant viewer', cleo);
    const { id } = await last();
    for (const command of ['grant admin', 'revoke admin'])
      expect((await say(eve, command, eve)).words).toContain('You do not have the role');
    for (const verb of ['role.confirm', 'role.cancel', 'roles.revoke'] as const)
      expect((await click(eve, verb, id, { assignment: `admin ${ada.aadObjectId}` })).words).toContain(
        'You do not have the role',
      );
    expect(await roles(cleo)).toEqual([]);
    expect(await roles(eve)).toEqual(held);
    expect(await roles(ada)).toEqual(['admin']);
    expect((await audit('access.refused')).map(({ actorId }) => actorId)).toEqual(
      Array.from({ length: 5 }, () => eve.aadObjectId),
    );
  });

  test('nor can another admin confirm what somebody else asked', async () => {
    await hold(eve, 'admin');
    await say(ada, 'grant viewer', cleo);
    const { id } = await last();
    expect((await click(eve, 'role.confirm', id)).words).toContain('Somebody else started this');
    expect((await click(eve, 'role.cancel', id)).words).toContain('Somebody else started this');
    for (const forged of ['', '..', `x/${id}`, `${id}/`, '__proto__'])
      expect((await click(eve, 'role.confirm', forged)).words).toContain('does not exist any more');
  });

  test('an admin whose role is taken away before the yes confirms nothing any more', async () => {
    await hold(eve, 'admin');
    await say(eve, 'grant viewer', cleo);
    const { id } = await last();
    await hold(eve);
    expect((await click(eve, 'role.confirm', id)).words).toContain('You do not have the role');
    expect(await roles(cleo)).toEqual([]);
  });
});
