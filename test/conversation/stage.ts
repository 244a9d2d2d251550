import { randomBytes } from 'node:crypto';
import { TestAdapter, type Activity } from 'botbuilder';
import type { CheckMembership } from '../../bot/membership.ts';
import { findInRoster } from '../../bot/mentioned-person.ts';
import { createTurn } from '../../bot/turn.ts';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import type { Exchange } from '../../services/exchange/exchange-port.ts';
import { readVaultLocation } from '../../services/exchange/oauth/vault-location.ts';
import { checkServerLocation } from '../../services/exchange/server-location.ts';
import { seedRoles } from '../../services/access/roles.ts';
import { startTaskRunner } from '../../services/jobs/task-runner.ts';
import { systemClock } from '../../services/model/clock.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import { ensureEnvironment, firstEnvironmentId } from '../../services/platform/environments.ts';
import type { SharedFiles } from '../../services/files/shared-file.ts';
import { expandList } from '../../services/mailboxes/expand-list.ts';
import { checkDraft } from '../../services/profiles/check-draft.ts';
import { findServer } from '../../services/profiles/find-server.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { testMailbox } from '../../services/testing/test-mailbox.ts';
import { ScriptedFiles } from '../support/scripted-files.ts';
import { openTempStore, type TempStore } from '../storage/open-temp-store.ts';

export const tenantId = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
export const ada = { id: '29:ada', name: 'Ada Admin', aadObjectId: 'ada00000-0000-4000-8000-000000000001' };
export const ben = { id: '29:ben', name: 'Ben Brandt', aadObjectId: 'be000000-0000-4000-8000-000000000002' };
export const cleo = { id: '29:cleo', name: 'Cleo Clark', aadObjectId: 'c1e00000-0000-4000-8000-000000000003' };
export const eve = { id: '29:eve', name: 'Eve Evans', aadObjectId: 'e0e00000-0000-4000-8000-000000000004' };
export const gus = { id: '29:gus', name: 'Gus Guest', aadObjectId: '90500000-0000-4000-8000-000000000005' };
export const fay = { id: '29:fay', name: 'Fay Foreign', aadObjectId: 'fa000000-0000-4000-8000-000000000006' };
export type Person = typeof ada;

const accountOf = (name: string): string => `${name.split(' ')[0]?.toLowerCase()}@contoso.test`;

/** What Teams says of people in the channel, by their id there or their object id. */
const roster = {
  getConversationMember: async (_conversation: string, id: string): Promise<object> => {
    const person = [ada, ben, cleo, eve, gus, fay].find(
      ({ id: known, aadObjectId }) => known === id || aadObjectId === id,
    );
    if (person === undefined) throw new Error('MemberNotFoundInConversation');
    return {
      ...person,
      userRole: person === gus ? 'guest' : 'user',
      tenantId: person === fay ? 'f0e1d2c3-0000-4c0a-9a7e-c0470500b002' : tenantId,
      userPrincipalName: accountOf(person.name),
    };
  },
};

/** Everybody is of this organization, with the sign-in name of the roster. */
const vouchFor: CheckMembership = async (_context, person) => {
  const { name } = [ada, ben, cleo, eve].find(({ aadObjectId }) => aadObjectId === person) ?? { name: '' };
  return { account: name === '' ? null : accountOf(name) };
};

/** Conversations talk about Exchange but never reach it here, unless a test brings one of its own. */
const noExchange: Exchange = {
  testMailbox: () => Promise.reject(new Error('no test in a conversation')),
  checkConnection: () => Promise.reject(new Error('no check in a conversation')),
  findServer: () => Promise.reject(new Error('no search in a conversation')),
  askDirectory: () => Promise.reject(new Error('no look-up in a conversation')),
  close: () => Promise.resolve(),
};

/** The bot's turn over a real store, and people who talk to it. */
export interface Stage {
  readonly services: ServiceContext;
  readonly environmentId: string;
  /** One person's side of a conversation. */
  talk(person: Person, where?: 'personal' | 'channel'): TestAdapter;
  /** A new turn over the same store, as after a restart. */
  restart(): void;
  drafts(): Promise<ProfileDraft[]>;
  /** Does the background work that is due. */
  work(): Promise<void>;
  dispose(): Promise<void>;
}

export async function openStage(
  checkMembership: CheckMembership = vouchFor,
  exchange: Exchange = noExchange,
  files: SharedFiles = new ScriptedFiles(),
): Promise<Stage> {
  const temp: TempStore = await openTempStore();
  const policy = parseAllowList([]);
  const services: ServiceContext = {
    store: temp.store,
    exchange,
    files,
    keys: createKeyRing([randomBytes(32).toString('base64')]),
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    retry: { attempts: 10, delayMs: 300_000 },
    pollIntervalMs: null,
    publicUrl: 'https://mailroom.contoso.test',
    checkServerLocation: (url) => checkServerLocation(url, policy),
    checkVaultUrl: (url) => (readVaultLocation(url) === null ? 'profile.vault-invalid' : null),
  };
  const environmentId = firstEnvironmentId;
  await ensureEnvironment(temp.store, environmentId, 'Main');
  await seedRoles(services, environmentId, { admin: [ada.aadObjectId], approver: [ben.aadObjectId] });
  const options = {
    services,
    environmentId,
    tenants: [tenantId],
    checkMembership,
    findPerson: findInRoster(temp.store, environmentId),
  };
  let turn = createTurn(options);
  return {
    services,
    environmentId,
    talk: (person, where = 'personal') =>
      new TestAdapter(
        (context) => {
          context.turnState.set((context.adapter as TestAdapter).ConnectorClientKey, { conversations: roster });
          return turn(context);
        },
        template(person, where),
        false,
      ),
    restart: () => {
      turn = createTurn(options);
    },
    work: async () => {
      const runner = await startTaskRunner({
        ...services,
        handlers: {
          'test-mailbox': (task, signal) => testMailbox(services, task, signal),
          'check-draft': (task, signal) => checkDraft(services, task, signal),
          'find-server': (task, signal) => findServer(services, task, signal),
          'expand-list': (task, signal) => expandList(services, task, signal),
        },
      });
      await runner.idle();
      await runner.stop();
    },
    drafts: async () => (await temp.store.query('draft', { limit: 100 })).map(({ value }) => value),
    dispose: () => temp.dispose(),
  };
}

function template(person: Person, where: 'personal' | 'channel'): Partial<Activity> {
  const conversation =
    where === 'personal'
      ? { id: `a:${person.id}`, conversationType: 'personal' }
      : { id: '19:channel@thread.tacv2;messageid=1', conversationType: 'channel' };
  return {
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    locale: 'en-US',
    from: person,
    recipient: { id: '28:bot', name: 'Mailroom' },
    conversation: { ...conversation, isGroup: where === 'channel', name: '', tenantId },
    channelData: { tenant: { id: tenantId } },
  };
}
