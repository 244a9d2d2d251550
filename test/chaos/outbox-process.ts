import { setTimeout as delay } from 'node:timers/promises';
import { createAdapter } from '../../bot/adapter.ts';
import { readConfig } from '../../bot/config.ts';
import { createBotConnector } from '../../bot/deliver/bot-connector.ts';
import { startOutbox } from '../../bot/deliver/outbox.ts';
import { createLog } from '../../bot/log.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import { systemClock } from '../../services/model/clock.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf } from '../../services/storage/store.ts';
import { conversationChange } from '../bot/deliver/outbox-stage.ts';
import { environmentId, planWishes, type PlanOptions } from './wish-plan.ts';

/**
 * A process to kill: the real outbox over the real journal and the SDK's client. It changes subjects by the plan, each
 * change with its wish in one commit, and goes on where the store says it was. Prints `done` when nothing is left to send.
 */
const [folder = '', serviceUrl = '', text = ''] = process.argv.slice(2);
const options = JSON.parse(text) as PlanOptions & { readonly retryMs: number; readonly wishesPerSecond: number };
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
const cursorKey = keyOf(environmentId, 'cursor');
const subjectKey = (subjectId: string): string => keyOf(environmentId, `subject/${subjectId}`);

if ((await store.get('turnState', cursorKey)) === undefined) {
  const known = options.conversations.map((id) => {
    const change = conversationChange(id);
    return change.kind === 'put' && change.collection === 'conversation'
      ? { ...change, key: keyOf(environmentId, id), value: { ...change.value, environmentId, serviceUrl } }
      : change;
  });
  await store.commit([...known, { kind: 'put', collection: 'turnState', key: cursorKey, value: { json: '0', at: 0 } }]);
}

const outbox = startOutbox({
  store,
  clock,
  connector: createBotConnector(adapter, clock),
  log,
  pace: { retryMs: options.retryMs },
  render: async (intent) => {
    const subject = await store.get('turnState', subjectKey(intent.subjectId));
    if (subject === undefined) return 'gone';
    const words = `${intent.subjectId} ${subject.value.json}`;
    return {
      summary: words,
      card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: words }] },
    };
  },
});
process.stdout.write('ready\n');

const plan = planWishes(options);
const cursor = (await store.get('turnState', cursorKey))?.value ?? { json: '0', at: 0 };
let { at } = cursor;
for (let index = Number(cursor.json); index < plan.length; index += 1) {
  const wish = plan[index]!;
  // Two wishes of one millisecond have no order between them.
  at = Math.max(clock.now(), at + 1);
  await store.commit([
    { kind: 'put', collection: 'turnState', key: cursorKey, value: { json: String(index + 1), at } },
    {
      kind: 'put',
      collection: 'turnState',
      key: subjectKey(wish.subjectId),
      value: { json: String(wish.version), at },
    },
    intentChange(environmentId, 'incident', wish.subjectId, wish.conversationId, at),
  ]);
  await delay(1000 / options.wishesPerSecond);
}
process.stdout.write('wished\n');
while ((await store.count('intent', {})) > 0) await delay(100);
await outbox.stop();
await store.close();
process.stdout.write('done\n');
process.exit(0);
