import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Activity, TurnContext } from 'botbuilder';
import { createAdapter } from '../../bot/adapter.ts';
import { readConfig } from '../../bot/config.ts';
import { createBotConnector } from '../../bot/deliver/bot-connector.ts';
import { startOutbox } from '../../bot/deliver/outbox.ts';
import { pacedAnswers } from '../../bot/deliver/paced-answers.ts';
import { createLog } from '../../bot/log.ts';
import { conversationOf, isFarewell } from '../../bot/seen-activity.ts';
import { incidentIntents } from '../../services/alerts/incident-intents.ts';
import { closeConversation } from '../../services/conversations/close-conversation.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import { readDeathNotice } from '../../services/conversations/read-death-notice.ts';
import { recordConversation } from '../../services/conversations/record-conversation.ts';
import type { Incident } from '../../services/model/alert.ts';
import { systemClock } from '../../services/model/clock.ts';
import type { Intent } from '../../services/model/intent.ts';
import { ensureEnvironment } from '../../services/platform/environments.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { placeOf } from '../bot/deliver/outbox-stage.ts';
import { chaosPlaces } from './chaos-places.ts';
import { ledgerKey } from './ledger.ts';
import { incidentRecord } from '../support/incident-record.ts';
import { environmentId, halfwayOf, planWishes, type PlanOptions, type Wish } from './wish-plan.ts';

/**
 * A process to kill: the real outbox over the real journal and the SDK's client, and the bot's own ear for what comes from
 * Teams. It changes incidents by the plan, each change with its wishes in one commit, and goes on where the store says it was.
 * Says `ready PORT`, `halfway` where it waits for a line of its input, `wished` after the last change, `drained` when nothing
 * is left to send, and ends when its input has ended and nothing is left.
 */
const [folder = '', serviceUrl = '', given = ''] = process.argv.slice(2);
const options = JSON.parse(given) as Omit<PlanOptions, 'conversations'> & {
  /** Of conversations that alerts come to. */
  readonly count: number;
  readonly retryMs: number;
  readonly wishesPerSecond: number;
};
const clock = systemClock;
const store = await openJournalStore({ folder });
const log = createLog({ level: 'silent' });
// An application nobody signs for: without one the calls go out unsigned, as the stand-in takes them.
const config = readConfig({
  MicrosoftAppType: 'SingleTenant',
  MicrosoftAppId: '3a11f00a-0000-4b07-8b07-3a1120030001',
  MicrosoftAppTenantId: '3a11f00a-0000-4b07-8b07-3a1120030001',
  MicrosoftAppPassword: 'not used',
  MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
  MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test',
});
const adapter = createAdapter({ app: null, botFramework: config.botFramework, tenants: [] }, log);
const cursorKey = ledgerKey.cursor();
const { homes, admins } = chaosPlaces(options.count);
const profileOf = new Map(homes.map(({ id, profileId }) => [id, profileId]));

if ((await store.get('turnState', cursorKey)) === undefined) {
  await ensureEnvironment(store, environmentId, 'Chaos');
  await store.commit([...beginning(), { kind: 'put', collection: 'turnState', key: cursorKey, value: ledger('0', 0) }]);
}

const outbox = startOutbox({
  store,
  clock,
  connector: createBotConnector(adapter, clock),
  log,
  pace: { retryMs: options.retryMs },
  render: async (intent) => {
    const words = await wordsOf(intent);
    return words === null
      ? 'gone'
      : {
          summary: words,
          card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: words }] },
        };
  },
});

const server = createServer((request, response) => {
  void hear(request)
    .catch(() => 500)
    .then((status) => response.writeHead(status).end());
});
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
let hasEnded = false;
const told = Promise.withResolvers<void>();
process.stdin
  .on('data', () => told.resolve())
  .on('end', () => {
    hasEnded = true;
  });
process.stdout.write(`ready ${(server.address() as AddressInfo).port}\n`);

const plan = planWishes({ ...options, conversations: homes.map(({ id }) => id) });
const cursor = (await store.get('turnState', cursorKey))?.value ?? ledger('0', 0);
let { at } = cursor;
for (let index = Number(cursor.json); index < plan.length; index += 1) {
  const wish = plan[index]!;
  if (index === halfwayOf(plan.length)) {
    process.stdout.write('halfway\n');
    await told.promise;
  }
  // Two wishes of one millisecond have no order between them.
  at = Math.max(clock.now(), at + 1);
  await store.commit([
    { kind: 'put', collection: 'turnState', key: cursorKey, value: ledger(String(index + 1), at) },
    { kind: 'put', collection: 'turnState', key: ledgerKey.wish(wish), value: ledger(wish.deed, at) },
    ...(await changesOf(wish, at)),
  ]);
  await delay(1000 / options.wishesPerSecond);
}
process.stdout.write('wished\n');
for (let wasDrained = false; ; await delay(50)) {
  // What happened before the end of the input is written down by then.
  const isLast = hasEnded;
  const isDrained = (await store.count('intent', {})) === 0;
  if (isLast && isDrained) break;
  if (isDrained && !wasDrained) process.stdout.write('drained\n');
  wasDrained = isDrained;
}
server.close();
await outbox.stop();
await store.close();
process.exit(0);

function ledger(json: string, time: number): { readonly json: string; readonly at: number } {
  return { json, at: time };
}

/** The places as Teams told of them, what comes to each by subscription, and the admins. */
function beginning(): Change[] {
  const places = [...homes, ...admins].map(({ id, kind, name, aadObjectId }): Change => {
    const value = { ...placeOf(id, { kind, name, aadObjectId, serviceUrl }), environmentId };
    return { kind: 'put', collection: 'conversation', key: keyOf(environmentId, id), value };
  });
  const subscriptions = homes.map(({ id, profileId }): Change => {
    const rest = { nature: null, quietHours: null, digest: null, setBy: '', setAt: 0, revision: 1 };
    const wanted = { alerts: null, profiles: { [profileId]: 'all' }, approvals: false } as const;
    const value = { environmentId, conversationId: id, ...wanted, ...rest };
    return { kind: 'put', collection: 'subscription', key: keyOf(environmentId, id), value };
  });
  const roles = admins.map(({ aadObjectId, name }): Change => {
    const id = aadObjectId ?? '';
    const value = { environmentId, aadObjectId: id, roles: ['admin'], name, grantedBy: '', grantedAt: 0 } as const;
    return { kind: 'put', collection: 'role', key: keyOf(environmentId, id), value };
  });
  return [...places, ...subscriptions, ...roles];
}

/** What the card of a subject says now: `KIND SUBJECT VERSION …`. */
async function wordsOf({ kind, subjectId }: Intent): Promise<string | null> {
  if (kind === 'dead-conversation') {
    const notice = await readDeathNotice(store, environmentId, subjectId);
    return notice === null ? null : `${kind} ${subjectId} ${notice.dead}/${notice.total}`;
  }
  const incident = await store.get('incident', keyOf(environmentId, subjectId));
  return incident === undefined ? null : `${kind} ${subjectId} ${incident.value.revision} ${incident.value.state}`;
}

async function changesOf({ conversationId, subjectId, version, deed }: Wish, now: number): Promise<Change[]> {
  const key = keyOf(environmentId, subjectId);
  if (deed === 'never') return [intentChange(environmentId, 'incident', subjectId, conversationId, now)];
  const known = (await store.get('incident', key))?.value ?? newIncident(conversationId, subjectId, now);
  const over = deed === 'resolve' ? ({ state: 'resolved', resolvedAt: now, open: 0 } as const) : {};
  const incident: Incident = { ...known, lastAt: now, revision: version, ...over };
  const wishes = await incidentIntents(store, incident, now, deed === 'again' ? 'repost' : 'refresh');
  return [
    deed === 'end'
      ? { kind: 'delete', collection: 'incident', key }
      : { kind: 'put', collection: 'incident', key, value: incident },
    ...wishes,
  ];
}

function newIncident(conversationId: string, id: string, now: number): Incident {
  const profileId = profileOf.get(conversationId) ?? '';
  return incidentRecord(environmentId, id, now, { profileId, profileName: profileId });
}

/** What comes from Teams, to the SDK's adapter; answered like everything that people write, within the limits. */
async function hear(request: IncomingMessage): Promise<number> {
  const activity = JSON.parse(await readText(request)) as Activity;
  const { status } = await adapter.receive(activity, '', pacedAnswers(turn, environmentId, outbox, log));
  return status;
}

async function turn(context: TurnContext): Promise<void> {
  const { activity } = context;
  const seen = conversationOf(activity, environmentId);
  if (isFarewell(activity)) {
    const known = await store.get('conversation', keyOf(environmentId, seen.conversationId));
    if (known !== undefined) await closeConversation({ store, clock, log }, known, 'BotNotInConversationRoster');
    return;
  }
  await recordConversation(store, seen, clock.now());
  if (activity.type !== 'message') return;
  try {
    await context.sendActivity('heard');
  } catch (error) {
    // Whoever asks gets no answer from a Teams that takes none; that the place lives is written down all the same.
    log.warn({ error }, 'not answered');
  }
}
