import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestAdapter } from 'botbuilder';
import { verbs } from '../../cards/verbs.ts';
import { newApprovalRequest } from '../../services/approvals/request-approval.ts';
import { approvalStatus, newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ada, ben, openStage, type Stage } from '../conversation/stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});

afterEach(() => stage.dispose());

/** A click as Action.Submit, with whatever data; gives the texts and the cards that come back. */
async function click(adapter: TestAdapter, value: object): Promise<string[]> {
  adapter.activeQueue.length = 0;
  await adapter.send({ type: 'message', value }).startTest();
  return adapter.activeQueue.map((activity) => activity.text ?? JSON.stringify(activity.attachments));
}

async function waiting(address: string): Promise<Mailbox> {
  const { services, environmentId } = stage;
  const actor = { tenantId: '', aadObjectId: ada.aadObjectId, name: ada.name };
  const request = await newApprovalRequest(services.store, environmentId, actor, 'c', 1, false, 0);
  const value: Mailbox = {
    ...newMailbox(
      { environmentId, id: address, address, type: 'user', owner: 'Lee', importedBy: ada.aadObjectId, createdAt: 0 },
      { profileId: null, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.pending },
    ),
    approvalRequestId: request.id,
  };
  await services.store.commit([
    ...request.changes,
    { kind: 'put', collection: 'mailbox', key: keyOf(environmentId, address), value },
  ]);
  return value;
}

const stored = async (address: string): Promise<Mailbox> => {
  const found = await stage.services.store.get('mailbox', keyOf(stage.environmentId, address));
  if (found === undefined) throw new Error('no mailbox');
  return found.value;
};

test('an approval from the card of a mailbox that changed since decides nothing and shows it as it is (law 1)', async () => {
  const { id, revision } = await waiting('ceo@contoso.test');
  const { services, environmentId } = stage;
  const changed = { ...(await stored(id)), owner: 'Mallory', revision: revision + 1 };
  await services.store.commit([{ kind: 'put', collection: 'mailbox', key: keyOf(environmentId, id), value: changed }]);
  const chat = stage.talk(ben);
  const [card] = await click(chat, { verb: 'mailbox.approve', id, revision });
  expect((await stored(id)).approval).toBe(approvalStatus.pending);
  expect(card).toContain('Mallory');
  await click(chat, { verb: 'mailbox.approve', id, revision: revision + 1 });
  expect((await stored(id)).approval).toBe(approvalStatus.approved);
});

test('no verb takes an id that climbs, names an object’s own member, or reaches into another kind of record', async () => {
  const { approvalRequestId } = await waiting('a@contoso.test');
  const before = await stage.services.store.query('mailbox', { limit: 10 });
  const unforeseen: unknown[] = [];
  stage.services.log.error = (details) => void unforeseen.push(details);
  const ids = [
    '',
    '..',
    '../main',
    'x/../main',
    `../${stage.environmentId}/a@contoso.test`,
    '__proto__',
    'constructor',
    'toString',
    `approval/${approvalRequestId}`,
    `${approvalRequestId}/`,
    'retry',
    'test-mailbox/a@contoso.test',
    'a@contoso.test/',
    '\u0000',
    'a'.repeat(200),
  ];
  for (const verb of verbs) {
    for (const id of ids) {
      for (const person of [ada, ben]) {
        const answers = await click(stage.talk(person), {
          verb,
          id,
          revision: 1,
          selected: 'a@contoso.test',
          reason: 'r',
        });
        expect(answers.join(' '), `${verb} ${id}`).not.toContain('undefined');
      }
    }
  }
  // Every refusal is a sentence of ours, none an error that nobody foresaw.
  expect(unforeseen).toEqual([]);
  expect(await stage.services.store.query('mailbox', { limit: 10 })).toEqual(before);
});

test('the button of a profile edits that profile, whatever the others are called', async () => {
  const { services, environmentId } = stage;
  for (const [id, name] of [
    ['one', 'Contoso'],
    ['two', '"Contoso"'],
    ['three', ': Contoso'],
    ['four', 'two'],
  ] as const) {
    const value = profileNamed(environmentId, id, name);
    await services.store.commit([{ kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value }]);
  }
  for (const id of ['one', 'two', 'three', 'four']) {
    await click(stage.talk(ada), { verb: 'profile.edit', id, revision: 1 });
    expect((await stage.drafts()).map(({ editsProfileId }) => editsProfileId)).toContain(id);
  }
});

function profileNamed(environmentId: string, id: string, name: string): EmailServerProfile {
  return {
    environmentId,
    id,
    name,
    serverType: 2,
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authenticationProtocol: 3,
    credentialRetrieval: 1,
    useImpersonation: true,
    outgoingServerLocation: null,
    autodiscover: null,
    modernAuthentication: null,
    userName: 'svc',
    credentialId: 'c',
    maxConcurrentConnections: 10,
    minPollingIntervalMinutes: 0,
    timeoutMailboxConnectionAfterAmount: 100_000,
    description: '',
    processEmailsReceivedAfter: null,
    moveUndeliveredEmails: false,
    sendEmailAlert: false,
    state: 'active',
    server: null,
    ownerId: ada.aadObjectId,
    createdAt: 0,
    createdBy: ada.aadObjectId,
    revision: 1,
  };
}

test('whoever loses the role in the middle of a conversation goes no further in it, and the try is in the trail', async () => {
  const chat = stage.talk(ada);
  await chat.send('create profile').startTest();
  const { services, environmentId } = stage;
  const key = keyOf(environmentId, ada.aadObjectId);
  const role = await services.store.get('role', key);
  if (role === undefined) throw new Error('no role');
  await services.store.commit([{ kind: 'put', collection: 'role', key, value: { ...role.value, roles: [] } }]);
  chat.activeQueue.length = 0;
  await chat.send('cancel').startTest();
  expect(chat.activeQueue.map(({ text }) => text).join()).toContain('You do not have the role');
  expect((await stage.drafts()).map(({ step }) => step)).toEqual(['details']);
  const refused = [];
  for await (const entry of services.store.readLog('audit')) if (entry.kind === 'access.refused') refused.push(entry);
  expect(refused).toMatchObject([{ actorId: ada.aadObjectId }]);
});
