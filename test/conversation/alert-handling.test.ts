import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import type { Incident } from '../../services/model/alert.ts';
import { keyOf } from '../../services/storage/store.ts';
import { incident, normal, outage, profile } from '../cards/card-fixtures.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, eve, openStage, tenantId, type Person, type Stage } from './stage.ts';

const id = 'K7Q2M4PX';
const down = 'W3SERVER';
let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  const { environmentId } = stage;
  const one: Incident = { ...incident(normal, 'ErrorQuotaExceeded'), environmentId, id };
  const critical: Incident = { ...incident(normal, 'ConnectionRefused', outage), environmentId, id: down };
  await stage.services.store.commit([
    { kind: 'put', collection: 'incident', key: keyOf(environmentId, id), value: one },
    { kind: 'put', collection: 'incident', key: keyOf(environmentId, down), value: critical },
  ]);
});
afterEach(() => stage.dispose());

const mention = ({ id: personId, name, aadObjectId }: Person) => ({
  type: 'mention',
  text: `<at>${name}</at>`,
  mentioned: { id: personId, name, aadObjectId },
});

async function say(person: Person, command: string, ...people: Person[]): Promise<string> {
  const text = `${command} ${people.map(({ name }) => `<at>${name}</at>`).join(' ')}`;
  const seen = await send(stage.talk(person), { type: 'message', text, entities: people.map(mention) });
  return seen.words;
}

function click(verb: Verb, subject: string, revision: number, person = ada): Promise<Seen> {
  const action = { type: 'Action.Execute', verb, data: { id: subject, revision } };
  const value = { action, trigger: 'manual' };
  return send(stage.talk(person), { type: 'invoke', name: 'adaptiveCard/action', value });
}

async function stored(subject = id): Promise<Incident> {
  const found = await stage.services.store.get('incident', keyOf(stage.environmentId, subject));
  if (found === undefined) throw new Error('no incident');
  return found.value;
}

test('an alert is acknowledged by its id, in any case, and a second time nothing happens', async () => {
  expect(await say(ada, 'ack k7q2m4px')).toContain('You acknowledged K7Q2M4PX: The mailbox is full.');
  expect((await stored()).handling.acknowledged).toMatchObject({ byName: 'Ada Admin' });
  expect(await say(ada, `ack ${id}`)).toContain('is like that already');
});

test('the id that people type stands on the card, and what they did', async () => {
  await say(ada, `assign ${id} me`);
  const { words } = await click('incident.show', id, 1);
  expect(words).toContain(id);
  expect(words).toMatch(/Acknowledged\s+Ada Admin/);
  expect(words).toMatch(/Assigned to\s+Ada Admin/);
});

test('an alert is given to a mention, and to nothing that is typed or has no role', async () => {
  expect(await say(ada, `assign ${id} Ben`)).toContain('@PERSON');
  expect(await say(ada, `assign ${id}`)).toContain('@PERSON');
  expect(await say(ada, `assign ${id}`, eve)).toContain('has no role in Mailroom');
  expect((await stored()).handling.assigned).toBeNull();
  expect(await say(ada, `assign ${id}`, ben)).toContain('Mailroom cannot write to their chat');
  expect((await stored()).handling).toMatchObject({
    acknowledged: null,
    assigned: { personId: ben.aadObjectId, personName: 'Ben Brandt' },
  });
});

test('an alert is snoozed for an hour, four, or until tomorrow, and for nothing else', async () => {
  const now = Date.now();
  expect(await say(ada, `snooze ${id}`)).toContain('comes back as the newest message');
  expect((await stored()).wakeAt).toBeGreaterThanOrEqual(now + 3_600_000);
  expect(await say(ada, `snooze ${id} for ever`)).toContain('snooze INCIDENT [1h|4h|tomorrow]');
  expect(await say(ada, `snooze ${id} 9h`)).toContain('snooze INCIDENT [1h|4h|tomorrow]');
  await say(ada, `snooze ${id} TOMORROW`);
  expect(new Date((await stored()).wakeAt ?? 0).toISOString()).toMatch(/T09:00:00.000Z$/);
});

test('a whole server is muted by nobody alone', async () => {
  expect(await say(ada, `mute ${down}`)).toContain('a second person must agree');
  expect(await say(ada, `mute ${down}`)).toContain('another admin must agree');
  const { words, nodes } = await click('incident.show', down, 1);
  expect(words).toContain('Ada Admin asks to mute this');
  expect(nodes).toContainEqual(expect.objectContaining({ verb: 'incident.mute', title: 'Agree to mute' }));
  expect((await stored(down)).handling.quiet).toBeNull();
  expect(await say(ada, `mute ${id}`)).toContain('is muted until it is resolved');
});

test('a double click acts once, and a click of a card of before shows the card of now', async () => {
  expect((await click('incident.take', id, 1)).words).toMatch(/Assigned to\s+Ada Admin/);
  await click('incident.take', id, 1);
  const { words } = await click('incident.mute', id, 1);
  expect(words).toMatch(/Assigned to\s+Ada Admin/);
  expect((await stored()).handling).toMatchObject({ revision: 2, quiet: null });
  for (const verb of ['incident.snooze-hour', 'incident.snooze-hours', 'incident.snooze-tomorrow'] as const) {
    await click(verb, id, (await stored()).handling.revision);
    expect((await stored()).handling.quiet?.until).toBeGreaterThan(Date.now());
  }
  const ended = await click('incident.wake', id, (await stored()).handling.revision);
  expect(ended.words).not.toMatch(/Snoozed\s+until/);
  expect((await stored()).wakeAt).toBeNull();
});

test('a click after the recovery shows that it is over, and a command says so', async () => {
  const over: Incident = { ...(await stored()), state: 'resolved', open: 0, resolvedAt: 1 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'incident', key: keyOf(stage.environmentId, id), value: over },
  ]);
  expect((await click('incident.acknowledge', id, 1)).words).toContain('Resolved');
  expect(await say(ada, `ack ${id}`)).toContain('resolved already');
  expect(await say(ada, `retest ${id}`)).toContain('nothing to retest');
});

test('whoever has no right to it gets the roles, and an id that is none gets the list', async () => {
  for (const command of [`ack ${id}`, `assign ${id} me`, `snooze ${id}`, `mute ${id}`, `retest ${id}`])
    expect(await say(ben, command)).toContain('admin');
  expect((await click('incident.acknowledge', id, 1, ben)).words).toContain('admin');
  expect((await stored()).handling.revision).toBe(1);
  expect(await say(ada, 'ack NOTHING1')).toContain('does not exist any more');
  expect(await say(ada, 'ack')).toContain('ack INCIDENT');
  expect(await say(ada, 'ack ../../x')).toContain('does not exist any more');
});

describe('subscriptions', () => {
  const inChannel = (text: string, type?: string): Promise<Seen> => {
    const adapter = stage.talk(ada, 'channel');
    if (type !== undefined) adapter.template.channelData = { tenant: { id: tenantId }, channel: { id: '19:c', type } };
    return send(adapter, {
      type: 'message',
      text: `<at>Mailroom</at> ${text}`,
      entities: [{ type: 'mention', text: '<at>Mailroom</at>', mentioned: { id: '28:bot', name: 'Mailroom' } }],
    });
  };
  const alerts = async (): Promise<unknown[]> =>
    (await stage.services.store.query('subscription', { limit: 10 })).map(({ value }) => value.alerts);

  test('are refused where people of other organizations may read along', async () => {
    expect((await inChannel('subscribe', 'shared')).words).toContain('shared with people outside its team');
    expect(await alerts()).toEqual([]);
    for (const type of ['standard', 'private', undefined])
      expect((await inChannel('subscribe errors', type)).words).toContain('Errors come to this conversation');
    expect(await alerts()).toEqual(['errors']);
    for (const words of ['status weekly', 'approvers here'])
      expect((await inChannel(words, 'shared')).words, words).toContain('shared with people outside its team');
    expect(await stage.services.store.count('weeklyStatus', {})).toBe(0);
    // What was subscribed before can still be ended.
    expect((await inChannel('unsubscribe', 'shared')).words).toContain('No alerts come to this conversation');
    expect(await alerts()).toEqual([null]);
  });

  test('end with a word about the weekly status, where that still comes', async () => {
    expect((await inChannel('unsubscribe')).words).not.toContain('weekly');
    await inChannel('status weekly');
    expect((await inChannel('unsubscribe')).words).toContain('The weekly status comes here as well');
    expect(await stage.services.store.query('weeklyStatus', { limit: 10 })).toHaveLength(1);
  });

  test('begin with the alerts that are open, but for those that somebody silenced', async () => {
    await say(ada, `mute ${id}`);
    await inChannel('subscribe');
    const wishes = await stage.services.store.query('intent', { where: { kind: 'incident' }, limit: 10 });
    expect(wishes.map(({ value }) => value.subjectId)).toEqual([down]);
  });

  test('are for every profile, or for one more by its name', async () => {
    const one = { ...profile(normal), environmentId: stage.environmentId, id: 'p2', name: 'Profile North' };
    const key = keyOf(stage.environmentId, 'p2');
    await stage.services.store.commit([{ kind: 'put', collection: 'profile', key, value: one }]);
    expect((await inChannel('subscribe errors profile nowhere')).words).toContain('nowhere');
    expect((await inChannel('subscribe loud profile Profile North')).words).toContain('[profile NAME]');
    expect((await inChannel('subscribe profile Profile North', 'shared')).words).toContain('shared with people');
    expect(await alerts()).toEqual([]);
    expect((await inChannel('subscribe warnings profile profile north')).words).toContain(
      'Profile North (warnings and errors)',
    );
    expect((await inChannel('subscriptions')).words).toContain('Profile North (warnings and errors)');
    expect(await alerts()).toEqual([null]);
    await inChannel('unsubscribe');
    expect((await inChannel('subscriptions')).words).toContain('No conversation receives anything');
  });
});
