import type { TestAdapter } from 'botbuilder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import type { Incident } from '../../services/model/alert.ts';
import { approvalStatus, newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { Credential } from '../../services/model/secret-request.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, textOf, type CardNode } from '../cards/card-client.ts';
import { incident, normal, profile } from '../cards/card-fixtures.ts';
import { ada, openStage, type Stage } from './stage.ts';

const kim = 'kim@contoso.test';
const works = { status: 1, enabled: true, fault: null } as const;
const failing = { status: 2, enabled: false, fault: { code: 'CredentialRefused', params: {} } } as const;
let stage: Stage;

/** An enabled mailbox and a failed one, of a profile whose password Exchange refuses. */
beforeEach(async () => {
  stage = await openStage();
  const { environmentId } = stage;
  const one = { ...profile(normal), environmentId, id: 'p1', name: 'Contoso', credentialId: 'secret' };
  const secret = { environmentId, id: 'secret', refused: true, setAt: 0, setBy: '', certificate: null };
  const alert: Incident = { ...incident(normal, 'CredentialRefused'), environmentId, id: 'i1', waiting: 1 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'profile', key: keyOf(environmentId, 'p1'), value: one },
    {
      kind: 'put',
      collection: 'credential',
      key: keyOf(environmentId, 'secret'),
      value: secret as Partial<Credential> as Credential,
    },
    { kind: 'put', collection: 'incident', key: keyOf(environmentId, 'i1'), value: alert },
    ...[
      mailbox(kim, { incoming: works, outgoing: works, status: 1 }),
      mailbox('lee@contoso.test', { incoming: failing, status: 2 }),
    ].map((value) => ({
      kind: 'put' as const,
      collection: 'mailbox' as const,
      key: keyOf(environmentId, value.id),
      value,
    })),
  ]);
});
afterEach(() => stage.dispose());

function mailbox(address: string, changes: Partial<Mailbox>): Mailbox {
  return {
    ...newMailbox(
      {
        environmentId: stage.environmentId,
        id: address,
        address,
        type: 'user',
        owner: '',
        importedBy: '',
        createdAt: 0,
      },
      { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 0, approval: approvalStatus.approved },
    ),
    ...changes,
  };
}

interface Seen {
  readonly words: string;
  readonly buttons: readonly CardNode[];
}

async function seen(adapter: TestAdapter): Promise<Seen> {
  const answers = adapter.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    return [text, body, ...attachments.map(({ content }) => content as unknown)];
  });
  return {
    words: answers
      .map((answer) => (typeof answer === 'string' ? answer : textOf(answer)))
      .join('\n')
      .replaceAll('\\', ''),
    buttons: answers.flatMap((answer) => nodesOf(answer)).filter(({ type }) => type === 'Action.Execute'),
  };
}

async function say(text: string): Promise<Seen> {
  const adapter = stage.talk(ada);
  await adapter.send(text).startTest();
  return seen(adapter);
}

async function click(verb: Verb, id: string): Promise<Seen> {
  const adapter = stage.talk(ada);
  const action = { type: 'Action.Execute', verb, data: { id, revision: 1 } };
  await adapter.send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } }).startTest();
  return seen(adapter);
}

test('is seen on the cards of the profile and of the mailbox, with the way out', async () => {
  expect((await say('profiles')).words).toContain('✗ Sign-in refused');
  const card = await say('profile Contoso');
  expect(card.words).toContain('✗ Sign-in refused');
  expect(card.buttons[0]).toMatchObject({ verb: 'profile.edit', title: 'Enter a new password' });
  const one = await say(`mailbox ${kim}`);
  expect(one.words).toContain('“edit profile Contoso”');
  expect(one.words).not.toContain('synchronizes');
});

test('has the alert lead to a new password, and no test begin', async () => {
  const likely = { verb: 'profile.edit', title: 'Enter a new password', style: 'positive' };
  expect((await click('incident.show', 'i1')).buttons).toContainEqual(expect.objectContaining(likely));
  expect((await click('incident.retest', 'i1')).words).toContain('Exchange refuses the password of the profile');
  for (const answer of [await say('test kim@contoso.test lee@contoso.test'), await click('profile.retest', 'p1')])
    expect(answer.words).toMatch(/Nothing to test: .* not tested, since Exchange refuses the password/);
  expect(await stage.services.store.query('run', { limit: 10 })).toEqual([]);
});
