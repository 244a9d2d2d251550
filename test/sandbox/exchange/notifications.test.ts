import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, createItem, deleteItem, itemIds, message, texts, type WireAnswer } from './ews-client.ts';
import { getEvents, getStreamingEvents, setField, subscribe, unsubscribe, updateItem } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';
const START = Date.UTC(2026, 10, 24, 10);
const MINUTE_MS = 60_000;

describe('notifications of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  let time = START;
  beforeEach(async () => {
    time = START;
    exchange = await startExchange({ mailboxes: 2, streamingMs: 1, now: () => new Date(time) });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const events = (answer: WireAnswer): string[] =>
    (all(answer, 'Notification')[0]?.children ?? []).map(({ name }) => name).filter((name) => name.endsWith('Event'));
  const pull = async (folder?: string, wanted?: string[]): Promise<{ id: string; mark: string }> => {
    const answer = await run(subscribe('Pull', folder, wanted));
    return { id: texts(answer, 'SubscriptionId')[0] ?? '', mark: texts(answer, 'Watermark')[0] ?? '' };
  };
  const draft = async (): Promise<string> => itemIds(await run(createItem(message('d', [TWO]), 'SaveOnly')))[0] ?? '';

  it('tell what happened in a folder since the watermark, and nothing twice', async () => {
    await draft();
    const { id, mark } = await pull('drafts');
    const item = await draft();
    const first = await run(getEvents(id, mark));
    expect([events(first), texts(first, 'PreviousWatermark')]).toEqual([['CreatedEvent'], [mark]]);
    expect(all(first, 'ItemId')[0]?.attributes.get('Id')).toBe(/Id="([^"]*)"/.exec(item)?.[1]);
    const next = texts(first, 'Watermark')[0] ?? '';
    expect(events(await run(getEvents(id, next)))).toEqual(['StatusEvent']);
    await run(updateItem(item, setField('item:Subject', '<t:Subject>e</t:Subject>')));
    expect(events(await run(getEvents(id, next)))).toEqual(['ModifiedEvent']);
    await run(deleteItem([item]));
    // Whoever lost the answer asks again from where it was.
    expect(events(await run(getEvents(id, next)))).toEqual(['DeletedEvent']);
  });

  it('tell of new mail, in the events and the folders that were asked for', async () => {
    const all = await pull();
    const inbox = await pull('inbox');
    const deletions = await pull('inbox', ['DeletedEvent']);
    await run(createItem(message('new', [ONE])), TWO);
    await draft();
    expect(events(await run(getEvents(all.id, all.mark)))).toEqual(['CreatedEvent', 'CreatedEvent', 'NewMailEvent']);
    expect(events(await run(getEvents(inbox.id, inbox.mark)))).toEqual(['CreatedEvent', 'NewMailEvent']);
    expect(events(await run(getEvents(deletions.id, deletions.mark)))).toEqual(['StatusEvent']);
  });

  it('end when the client says so, or has not asked for too long', async () => {
    const { id, mark } = await pull('inbox');
    time += 10 * MINUTE_MS;
    expect(codes(await run(getEvents(id, mark)))).toEqual(['NoError']);
    time += 10 * MINUTE_MS + 1;
    expect(codes(await run(getEvents(id, mark)))).toEqual(['ErrorExpiredSubscription']);
    const other = await pull('inbox');
    expect(codes(await run(unsubscribe(other.id)))).toEqual(['NoError']);
    expect(codes(await run(getEvents(other.id, other.mark)))).toEqual(['ErrorSubscriptionNotFound']);
    expect(codes(await run(unsubscribe(other.id)))).toEqual(['ErrorSubscriptionNotFound']);
  });

  it('are for the owner of the mailbox, with a watermark that was given out', async () => {
    const { id, mark } = await pull('inbox');
    expect(codes(await run(getEvents(id, mark), TWO))).toEqual(['ErrorSubscriptionAccessDenied']);
    expect(codes(await run(unsubscribe(id), TWO))).toEqual(['ErrorSubscriptionAccessDenied']);
    expect(codes(await run(getEvents(id, 'AAAA')))).toEqual(['ErrorInvalidWatermark']);
  });

  it('stream what there is, and close', async () => {
    const id = texts(await run(subscribe('Streaming', 'inbox')), 'SubscriptionId')[0] ?? '';
    await run(createItem(message('new', [ONE])), TWO);
    const answer = await run(getStreamingEvents(id));
    expect([events(answer), texts(answer, 'ConnectionStatus')]).toEqual([['CreatedEvent', 'NewMailEvent'], ['Closed']]);
    const later = await run(getStreamingEvents(id));
    expect([events(later), texts(later, 'ConnectionStatus')]).toEqual([[], ['Closed']]);
    expect(codes(await run(getEvents(id, 'AAAA')))).toEqual(['ErrorInvalidPullSubscriptionId']);
    const { id: pulled } = await pull('inbox');
    expect(codes(await run(getStreamingEvents(pulled)))).toEqual(['ErrorInvalidSubscription']);
  });

  it('stream as soon as something happens', async () => {
    const patient = await startExchange({ mailboxes: 2, streamingMs: 60_000 });
    try {
      const ask = (body: string, as = ONE): Promise<WireAnswer> => call(patient, body, { as });
      const id = texts(await ask(subscribe('Streaming', 'inbox')), 'SubscriptionId')[0] ?? '';
      const headers = { 'Accept-Encoding': 'gzip' };
      const waiting = call(patient, getStreamingEvents(id), { as: ONE, headers });
      // What happens elsewhere is no reason to answer.
      await ask(createItem(message('elsewhere', [TWO]), 'SaveOnly'));
      await ask(createItem(message('new', [ONE])), TWO);
      const answer = await waiting;
      // Not packed: a client takes the events out of the stream byte by byte.
      expect([events(answer), answer.headers['content-encoding']]).toEqual([
        ['CreatedEvent', 'NewMailEvent'],
        undefined,
      ]);
      expect(codes(await ask(getStreamingEvents('none')))).toEqual(['ErrorSubscriptionNotFound']);
    } finally {
      await patient.close();
    }
  });

  it('are given up when the server ends', async () => {
    const patient = await startExchange({ mailboxes: 1, streamingMs: 60_000 });
    const id = texts(await call(patient, subscribe('Streaming', 'inbox'), { as: ONE }), 'SubscriptionId')[0] ?? '';
    const waiting = call(patient, getStreamingEvents(id), { as: ONE });
    const outcome = expect(waiting).rejects.toThrow();
    await vi.waitUntil(() => patient.signIns().length === 2);
    await patient.close();
    await outcome;
  });

  it('are never pushed, and always about something', async () => {
    const push =
      '<m:Subscribe><m:PushSubscriptionRequest SubscribeToAllFolders="true"><t:EventTypes><t:EventType>NewMailEvent</t:EventType></t:EventTypes><t:StatusFrequency>1</t:StatusFrequency><t:URL>https://127.0.0.1:1/</t:URL></m:PushSubscriptionRequest></m:Subscribe>';
    expect(codes(await run(push))).toEqual(['ErrorInvalidPushSubscriptionUrl']);
    const nothing = subscribe('Pull').replace(' SubscribeToAllFolders="true"', '');
    expect(codes(await run(nothing))).toEqual(['ErrorInvalidSubscriptionRequest']);
    expect(codes(await run(subscribe('Pull', 'inbox', undefined, 1441)))).toEqual(['ErrorSchemaValidation']);
  });
});
