import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import type { Subscription } from '../../services/model/conversation.ts';
import { keyOf } from '../../services/storage/store.ts';
import { incident, normal, profile } from '../cards/card-fixtures.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, openStage, tenantId, type Person, type Stage } from './stage.ts';

const channel = '19:channel@thread.tacv2';
let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  const { environmentId } = stage;
  await stage.services.store.commit([
    {
      kind: 'put',
      collection: 'profile',
      key: keyOf(environmentId, 'p1'),
      value: { ...profile(normal), environmentId, name: 'North' },
    },
  ]);
});
afterEach(() => stage.dispose());

function talk(person: Person, type?: string) {
  const adapter = stage.talk(person, 'channel');
  if (type !== undefined) adapter.template.channelData = { tenant: { id: tenantId }, channel: { id: '19:c', type } };
  return adapter;
}

const say = (text: string, person = ada, type?: string): Promise<Seen> =>
  send(talk(person, type), {
    type: 'message',
    text: `<at>Mailroom</at> ${text}`,
    entities: [{ type: 'mention', text: '<at>Mailroom</at>', mentioned: { id: '28:bot', name: 'Mailroom' } }],
  });

function click(
  verb: Verb,
  revision: number,
  inputs: Readonly<Record<string, string>> = {},
  { person = ada, id = channel, type }: { person?: Person; id?: string; type?: string } = {},
): Promise<Seen> {
  const action = { type: 'Action.Execute', verb, data: { id, revision, ...inputs } };
  return send(talk(person, type), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' },
  });
}

async function stored(id = channel): Promise<Subscription | undefined> {
  return (await stage.services.store.get('subscription', keyOf(stage.environmentId, id)))?.value;
}

/** What the client sends of the form when nothing was touched, with the changes. */
function filled(form: Seen, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inputs = form.nodes.filter(({ type }) => String(type).startsWith('Input.'));
  const values = inputs.map(({ id, value }) => [String(id), typeof value === 'string' ? value : '']);
  return { ...Object.fromEntries(values), ...changes } as Record<string, string>;
}

describe('what comes to a conversation', () => {
  test('is said by a card that leads to its form, in the zone of whoever sets it', async () => {
    const { words, nodes } = await say('subscribe warnings');
    expect(words).toContain('Warnings and errors come to this conversation.');
    expect(nodes.map(({ verb }) => verb)).toContain('subscription.change');
    const form = await click('subscription.change', 1);
    const ids = form.nodes.filter(({ type }) => String(type).startsWith('Input.')).map(({ id }) => id);
    expect(ids).toEqual([
      'alerts',
      'profiles',
      'profileAlerts',
      'nature',
      'digest',
      'digestTime',
      'quietFrom',
      'quietTo',
      'timeZone',
    ]);
  });

  test('is changed by the form, written down with before and after, and said again', async () => {
    await say('subscribe');
    const form = await click('subscription.change', 1);
    const seen = await click(
      'subscription.save',
      1,
      filled(form, {
        alerts: 'errors',
        profiles: 'p1',
        profileAlerts: 'all',
        nature: 'permanent',
        quietFrom: '22:00',
        quietTo: '07:00',
        timeZone: 'Europe/Berlin',
        digest: 'daily',
        digestTime: '07:30',
      }),
    );
    expect(seen.words).toContain('Errors come to this conversation, and those of 1 profile besides.');
    expect(seen.words).toContain('22:00–07:00 (Europe/Berlin)');
    expect(seen.words).toContain('each day at 07:30 (Europe/Berlin)');
    expect(await stored()).toMatchObject({
      alerts: 'errors',
      profiles: { p1: 'all' },
      nature: 'permanent',
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      digest: { time: '07:30', timeZone: 'Europe/Berlin' },
      revision: 2,
    });
    const { words } = await say('history subscription.changed');
    expect(words).toContain('Quiet hours: none → 22:00–07:00 Europe/Berlin');
  });

  test('stays as it is where something is wrong, which stands beside its field with what was typed', async () => {
    await say('subscribe errors');
    const form = await click('subscription.change', 1);
    const typed = { quietFrom: '25:00', quietTo: '07:00', timeZone: 'Mars/Olympus' };
    const seen = await click('subscription.save', 1, filled(form, typed));
    expect(seen.words).toContain('This is no time of day');
    expect(seen.words).toContain('This time zone is not known');
    expect(filled(seen)).toMatchObject(typed);
    const same = await click('subscription.save', 1, filled(form, { quietFrom: '22:00', quietTo: '22:00' }));
    expect(same.words).toContain('the same as the beginning');
    expect(await stored()).toMatchObject({ revision: 1, quietHours: null });
  });

  test('is not changed by a form of before: its reader sees what holds', async () => {
    await say('subscribe errors');
    const form = await click('subscription.change', 1);
    await say('subscribe all');
    const seen = await click('subscription.save', 1, filled(form, { alerts: 'none' }));
    expect(seen.words).toContain('Alerts of all levels come');
    await click('subscription.end', 1);
    expect(await stored()).toMatchObject({ alerts: 'all', revision: 2 });
    expect((await click('subscription.end', 2)).words).toContain('No alerts come to this conversation.');
    expect(await stored()).toMatchObject({ alerts: null, revision: 3 });
  });

  test('can be set by the form alone, from nothing', async () => {
    const nothing = await click('subscription.show', 0);
    expect(nothing.words).toContain('No alerts come to this conversation.');
    const form = await click('subscription.change', 0);
    await click('subscription.save', 0, filled(form, { alerts: 'errors' }));
    expect(await stored()).toMatchObject({ alerts: 'errors', revision: 1 });
  });
});

describe('nobody', () => {
  test('without the right changes it, by words or by clicks', async () => {
    await say('subscribe errors');
    for (const verb of ['subscription.change', 'subscription.save', 'subscription.end'] as const)
      expect((await click(verb, 1, { alerts: 'none' }, { person: ben })).words, verb).toContain('admin');
    expect((await click('subscription.open', 1, {}, { person: ben })).words).toContain('Errors come');
    expect(await stored()).toMatchObject({ alerts: 'errors', revision: 1 });
  });

  test('sends alerts to a shared channel by the form, nor to a place by an id that a card made up', async () => {
    for (const verb of ['subscription.change', 'subscription.save'] as const)
      expect((await click(verb, 0, { alerts: 'all' }, { type: 'shared' })).words).toContain('shared with people');
    const id = '19:elsewhere@thread.tacv2';
    for (const verb of ['subscription.open', 'subscription.change', 'subscription.save', 'subscription.end'] as const)
      expect((await click(verb, 0, { alerts: 'all' }, { id })).words, verb).toContain('Nothing was set');
    expect(await stage.services.store.query('subscription', { limit: 10 })).toEqual([]);
  });

  test('gets more by hostile values than a word beside the field', async () => {
    await say('subscribe errors');
    const hostile = {
      alerts: '__proto__',
      nature: '${x}',
      profiles: '../p1,p1\u0000',
      digest: 'constructor',
      timeZone: 'x'.repeat(4000),
    };
    const seen = await click('subscription.save', 1, hostile);
    expect(seen.words).toContain('Choose one.');
    expect(await stored()).toMatchObject({ alerts: 'errors', revision: 1 });
  });
});

test('all places are a list, each with what it gets; a row opens its place below the list', async () => {
  await say('subscribe errors');
  await click('subscription.save', 1, { alerts: 'errors', quietFrom: '22:00', quietTo: '06:00', timeZone: 'UTC' });
  await send(stage.talk(ada), { type: 'message', text: 'subscribe warnings profile North' });
  const { words, nodes } = await say('subscriptions');
  expect(words).toContain('2 places get alerts');
  expect(words).toMatch(/errors · quiet 22:00–06:00/);
  expect(words).toContain('North (warnings and errors)');
  const rows = nodes.filter(({ verb }) => verb === 'subscription.open');
  expect(rows).toHaveLength(2);
  const [own] = await stage.services.store.query('subscription', { where: { alerts: null }, limit: 1 });
  const opened = await click('subscription.open', 1, {}, { id: own?.value.conversationId ?? '' });
  expect(opened.words).toContain('Alerts of 1 profile come to');
});

test('a row of a digest opens its alert below it, and an alert that is gone says so', async () => {
  const { environmentId } = stage;
  const one = { ...incident(normal, 'ErrorServerBusy'), environmentId, id: 'K7Q2M4PX' };
  await stage.services.store.commit([
    { kind: 'put', collection: 'incident', key: keyOf(environmentId, one.id), value: one },
  ]);
  expect((await click('digest.show-incident', 1, {}, { id: one.id, person: ben })).words).toContain('K7Q2M4PX');
  expect((await click('digest.show-incident', 1, {}, { id: 'GONE' })).words).toContain('does not exist any more');
});

test('when the last place that hears of errors is gone, the other admins and the approvers are told', async () => {
  await send(stage.talk(ben), { type: 'message', text: 'help' });
  await say('subscribe errors');
  const seen = await say('unsubscribe');
  expect(seen.words).toContain('Errors of the profile North come to nobody');
  const told = await stage.services.store.query('intent', { where: { kind: 'alerts-unheard' }, limit: 10 });
  expect(told.map(({ value }) => value.placement)).toEqual(['repost']);
  const chat = await stage.services.store.get(
    'conversation',
    keyOf(stage.environmentId, told[0]?.value.conversationId ?? ''),
  );
  expect(chat?.value.aadObjectId).toBe(ben.aadObjectId);
});
