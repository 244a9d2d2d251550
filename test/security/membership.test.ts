import { TestAdapter, TurnContext, type Activity } from 'botbuilder';
import { expect, test } from 'vitest';
import { askRoster, createMembership } from '../../bot/membership.ts';
import { systemClock } from '../../services/model/clock.ts';
import { isMailroomError } from '../../services/model/error.ts';
import { ManualClock } from '../support/manual-clock.ts';

const own = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
const foreign = 'f0e1d2c3-0000-4c0a-9a7e-c0470500b002';

/** A turn in a shared channel whose roster answers with this member. */
function turnWith(member: object): TurnContext {
  const adapter = new TestAdapter(async () => undefined);
  const activity: Partial<Activity> = {
    type: 'message',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:eve', name: 'Eve' },
    recipient: { id: '28:bot', name: 'Mailroom' },
    conversation: { id: '19:c@thread.tacv2', conversationType: 'groupChat', isGroup: true, name: '', tenantId: own },
    channelData: { tenant: { id: own.toUpperCase() } },
  };
  const context = new TurnContext(adapter, activity);
  context.turnState.set(adapter.ConnectorClientKey, {
    conversations: { getConversationMember: () => Promise.resolve(member) },
  });
  return context;
}

async function verdict(member: object): Promise<string> {
  try {
    await createMembership(systemClock, askRoster)(turnWith(member), 'eve');
    return 'passes';
  } catch (error) {
    return isMailroomError(error) ? error.code : 'broken';
  }
}

test.each([
  ['somebody of this organization', { userRole: 'user', tenantId: own.toUpperCase() }, 'passes'],
  ['a roster that names no organization', { userRole: 'user' }, 'passes'],
  ['a guest', { userRole: 'guest', tenantId: own }, 'access.guest'],
  ['somebody anonymous', { userRole: 'anonymous' }, 'access.guest'],
  ['a member of another organization in a shared channel', { userRole: 'user', tenantId: foreign }, 'access.guest'],
  ['a role that nobody knows', { userRole: 'owner', tenantId: own }, 'access.unverified'],
  ['a roster that says nothing of a role', {}, 'access.unverified'],
])('%s', async (_name, member, expected) => {
  expect(await verdict(member)).toBe(expected);
});

test.each([
  ['Eve@Contoso.Test', 'eve@contoso.test'],
  ['\u212aim@contoso.test', null],
  ['kim@contoso.test\u200b', null],
  ['kim@contoso.test ', null],
  ['kim@contoso.test.', null],
  ['k\u0456m@contoso.test', null],
  ['', null],
  [undefined, null],
])('a sign-in name %j is that of %j, and of nobody whose name looks like it', async (userPrincipalName, account) => {
  expect(await askRoster(turnWith({ userRole: 'user', userPrincipalName }))).toEqual({ role: 'user', account });
});

test('an answer of the roster is trusted for minutes, also when the clock is set back by a day', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const check = createMembership(clock, () => {
    asked += 1;
    return Promise.resolve({ role: 'user', account: null });
  });
  const turn = turnWith({});
  await check(turn, 'eve');
  await check(turn, 'eve');
  expect(asked).toBe(1);
  clock.jump(-24 * 60 * 60_000);
  await check(turn, 'eve');
  expect(asked).toBe(2);
});

test('a sign-in name that somebody else was given meanwhile is asked for anew, whatever was trusted before', async () => {
  const clock = new ManualClock();
  const roster = new Map([['old', 'ceo@contoso.test']]);
  let asked = '';
  const check = createMembership(clock, () => Promise.resolve({ role: 'user', account: roster.get(asked) ?? null }));
  const accountOf = async (person: string): Promise<string | null> => {
    asked = person;
    return (await check(turnWith({}), person)).account;
  };
  expect(await accountOf('old')).toBe('ceo@contoso.test');
  roster.set('old', 'former@contoso.test').set('new', 'ceo@contoso.test');
  expect(await accountOf('new')).toBe('ceo@contoso.test');
  expect(await accountOf('old')).toBe('former@contoso.test');
  expect(await accountOf('new')).toBe('ceo@contoso.test');
});
