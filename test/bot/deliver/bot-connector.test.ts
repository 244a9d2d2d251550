import tls from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdapter } from '../../../bot/adapter.ts';
import { readConfig } from '../../../bot/config.ts';
import { createBotConnector } from '../../../bot/deliver/bot-connector.ts';
import type { TeamsConnector } from '../../../bot/deliver/connector.ts';
import { createLog } from '../../../bot/log.ts';
import { startEntra, type Entra } from '../../../sandbox/entra/start-entra.ts';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID } from '../../../sandbox/teams/people.ts';
import { startTeams, type Teams } from '../../../sandbox/teams/start-teams.ts';
import { shownActivity } from '../../../sandbox/teams/state.ts';
import { systemClock } from '../../../services/model/clock.ts';
import type { ConversationReference } from '../../../services/model/conversation.ts';

let entra: Entra;
let teams: Teams;
let connector: TeamsConnector;
let trusted: string[];
const lines: string[] = [];

beforeAll(async () => {
  entra = await startEntra({
    tenantId: CONTOSO_TENANT_ID,
    applications: [{ clientId: MAILROOM_APP_ID, secret: 'right' }],
  });
  trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, entra.caPem]);
  teams = await startTeams({ appId: MAILROOM_APP_ID, tenantId: CONTOSO_TENANT_ID, entra, autoRefresh: false });
  teams.installs.presetInstalled();
  connector = connectorWith('right');
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await teams.close();
  await entra.close();
});
beforeEach(() => {
  teams.faults.clear();
});

function connectorWith(password: string): TeamsConnector {
  const config = readConfig({
    ...entra.botEnvironment(MAILROOM_APP_ID),
    MicrosoftAppPassword: password,
    MAILROOM_KEY: Buffer.alloc(32).toString('base64'),
    MAILROOM_PUBLIC_URL: 'https://mailroom.contoso.test',
  });
  const log = createLog({ level: 'trace' }, { write: (line) => void lines.push(line) });
  return createBotConnector(createAdapter(config, log), systemClock);
}

function place(kind: 'personal' | 'channel'): ConversationReference {
  const found = [...teams.state.conversations.values()].find(({ type }) => type === kind);
  if (found === undefined) throw new Error(`there is no ${kind} conversation`);
  return {
    conversationId: found.id,
    environmentId: 'e1',
    kind,
    serviceUrl: teams.serviceUrl,
    tenantId: CONTOSO_TENANT_ID,
    botId: teams.bot.id,
    botName: teams.bot.name ?? '',
    aadObjectId: null,
    locale: 'en-US',
    timeZone: null,
    language: null,
    name: found.name,
    deadReason: null,
    deadSince: null,
    deathNotice: null,
    revision: 1,
  };
}

const message = (summary: string, extra: object = {}) => ({
  card: { type: 'AdaptiveCard', version: '1.5', body: [], ...extra },
  summary,
});

describe.each(['personal', 'channel'] as const)('in a %s conversation', (kind) => {
  test('a card is posted with its summary and no text, edited where it stands, and taken away', async () => {
    const reference = place(kind);
    const activityId = (await connector.post(reference, message('first'))).activityId ?? '';
    const posted = shownActivity(teams.state.getMessage(activityId));
    expect(posted).toMatchObject({ type: 'message', summary: 'first', from: { id: teams.bot.id } });
    expect(posted.text).toBeUndefined();
    expect(posted.attachments?.[0]?.content).toMatchObject({ type: 'AdaptiveCard' });
    await connector.update(reference, activityId, message('second'));
    expect(shownActivity(teams.state.getMessage(activityId)).summary).toBe('second');
    await connector.remove(reference, activityId);
    expect(teams.state.visibleMessages(reference.conversationId)).toEqual([]);
    await expect(connector.update(reference, activityId, message('third'))).rejects.toMatchObject({ kind: 'gone' });
    await expect(connector.remove(reference, activityId)).rejects.toMatchObject({ kind: 'gone' });
  });
});

test('the token is asked for once for all of it', () => {
  expect(entra.tokenRequests.filter(({ status }) => status === 200)).toHaveLength(1);
});

describe('what Teams refuses has one of the six kinds, after one call', () => {
  test.each([
    ['429 with a wait', { status: 429, retryAfter: 7 }, { kind: 'throttled', retryAfterMs: 7000 }],
    ['429 with a wait beyond sense', { status: 429, retryAfter: 1e12 }, { kind: 'throttled', retryAfterMs: 3_600_000 }],
    ['429 without', { status: 429 }, { kind: 'throttled', retryAfterMs: null }],
    ['412', { status: 412 }, { kind: 'throttled' }],
    ['502', { status: 502 }, { kind: 'unavailable' }],
    ['503 with a wait', { status: 503, retryAfter: 3 }, { kind: 'unavailable', retryAfterMs: 3000 }],
    ['a lost connection', { reset: true }, { kind: 'unavailable' }],
    ['a blocked chat', { status: 403 }, { kind: 'dead', code: 'MessageWritesBlocked' }],
    [
      'a removed bot',
      { status: 403, code: 'BotNotInConversationRoster' },
      { kind: 'dead', code: 'BotNotInConversationRoster' },
    ],
    ['a conversation that is not there', { status: 404 }, { kind: 'dead', code: 'ConversationNotFound' }],
    ['a card that is too large', { status: 413 }, { kind: 'too-large', code: 'MessageSizeTooBig' }],
    ['a card that is none', { status: 400, code: 'BadSyntax' }, { kind: 'rejected', code: 'BadSyntax' }],
  ])('%s', async (_name, answer, expected) => {
    const before = teams.log.calls().length;
    teams.faults.add({ match: { method: 'POST' }, times: 9, answer });
    await expect(connector.post(place('personal'), message('x'))).rejects.toMatchObject({
      name: 'DeliveryError',
      ...expected,
    });
    expect(teams.log.calls().length - before).toBe(1);
  });

  test('a real card of more than the limit', async () => {
    const large = message('x', { note: 'x'.repeat(60_000) });
    await expect(connector.post(place('personal'), large)).rejects.toMatchObject({ kind: 'too-large' });
  });

  test('a wrong client secret is our own trouble: wait, and tell the operator which one', async () => {
    const wrong = connectorWith('Planted-Wr0ng');
    await expect(wrong.post(place('personal'), message('x'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(lines.join('')).toContain('AADSTS7000215');
    expect(lines.join('')).not.toContain('Planted-Wr0ng');
  });
});
