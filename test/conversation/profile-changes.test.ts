import type { Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verb } from '../../cards/verbs.ts';
import { verbs, rightOf } from '../../cards/verbs.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { keyOf } from '../../services/storage/store.ts';
import { textOf } from '../cards/card-client.ts';
import { profile as sample, normal } from '../cards/card-fixtures.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  await put('one', 'Contoso');
  await put('two', 'Branch "North"');
});
afterEach(() => stage.dispose());

async function put(id: string, name: string, changes: Partial<EmailServerProfile> = {}): Promise<void> {
  const { environmentId, services } = stage;
  const serverLocation = 'https://mail.contoso.test/EWS/Exchange.asmx';
  const value = { ...sample(normal), environmentId, id, name, serverLocation, revision: 1, ...changes };
  await services.store.commit([{ kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value }]);
}

async function mailboxes(profileId: string, count: number): Promise<void> {
  const { environmentId, services } = stage;
  const works = { status: 1, enabled: true, fault: null } as const;
  for (let index = 0; index < count; index += 1) {
    const address = `user${index}@contoso.test`;
    const value: Mailbox = {
      ...newMailbox(
        { environmentId, id: address, address, type: 'user', owner: '', importedBy: 'x', createdAt: 0 },
        { profileId, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 1 },
      ),
      incoming: works,
    };
    await services.store.commit([{ kind: 'put', collection: 'mailbox', key: keyOf(environmentId, address), value }]);
  }
}

async function send(person: Person, activity: Partial<Activity>): Promise<string> {
  const chat = stage.talk(person);
  chat.activeQueue.length = 0;
  await chat.send(activity).startTest();
  const shown = chat.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    return [
      text ?? '',
      typeof body === 'string' ? body : textOf(body),
      ...attachments.map((one) => textOf(one.content)),
    ];
  });
  return shown.join('\n').replaceAll('\\', '');
}

const say = (words: string, person = ada): Promise<string> => send(person, { type: 'message', text: words });
const click = (verb: Verb, id: string, revision = 1, person = ada, inputs: object = {}): Promise<string> => {
  const action = { type: 'Action.Execute', verb, data: { ...inputs, id, revision } };
  return send(person, { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
};
const stored = async (id: string): Promise<EmailServerProfile | undefined> =>
  (await stage.services.store.get('profile', keyOf(stage.environmentId, id)))?.value;

async function trail(): Promise<AuditEntry['kind'][]> {
  const found: AuditEntry['kind'][] = [];
  for await (const { kind } of stage.services.store.readLog('audit')) if (kind.startsWith('profile.')) found.push(kind);
  return found;
}

test('default profile NAME shows the profile, which is the default now; the list says so too', async () => {
  expect(await say('default profile contoso')).toContain('Yes, for new mailboxes');
  expect(await say('DEFAULT  profile branch north')).toContain('Yes, for new mailboxes');
  expect(await say('profiles')).toContain('mail.contoso.test · Default profile');
  expect(await trail()).toEqual(['profile.made-default', 'profile.made-default']);
});

test('each command wants a name, and one that it knows', async () => {
  for (const command of ['default', 'activate', 'deactivate', 'delete', 'copy', 'edit']) {
    expect(await say(`${command} profile`)).toContain(`${command} profile NAME`);
    expect(await say(`${command} profile nobody`)).toContain('I do not know the profile “nobody”');
  }
  expect(await trail()).toEqual([]);
});

describe('deactivate profile NAME', () => {
  test('tells its effect in numbers and does nothing before the yes', async () => {
    await mailboxes('one', 3);
    const question = await say('deactivate profile Contoso');
    expect(question).toContain('Deactivate Contoso?');
    expect(question).toContain('3 enabled mailboxes are not checked any more');
    expect((await stored('one'))?.state).toBe('active');
    expect(await click('profile.show', 'one')).toContain('✓ Active');
    expect(await click('profile.confirm-deactivate', 'one')).toContain('– Inactive');
    expect((await stored('one'))?.state).toBe('inactive');
    expect(await say('profiles')).toContain('– Inactive');
    expect(await say('mailbox user1@contoso.test')).toContain('The profile Contoso is switched off');
    expect(await say('default profile Contoso')).toContain('so it cannot be the default');
    expect(await say('activate profile Contoso')).toContain('✓ Active');
    expect(await trail()).toEqual(['profile.deactivated', 'profile.activated']);
  });

  test('asks anew where the profile has changed since, and is done once however often it is clicked', async () => {
    await say('deactivate profile Contoso');
    await put('one', 'Contoso', { revision: 2, description: 'another' });
    expect(await click('profile.confirm-deactivate', 'one', 1)).toContain('Deactivate Contoso?');
    expect((await stored('one'))?.state).toBe('active');
    await click('profile.confirm-deactivate', 'one', 2);
    expect(await click('profile.confirm-deactivate', 'one', 2)).toContain('– Inactive');
    expect(await say('deactivate profile Contoso')).toContain('– Inactive');
    expect(await trail()).toEqual(['profile.deactivated']);
  });
});

describe('delete profile NAME', () => {
  test('is refused while mailboxes use it: it says how many, and shows them', async () => {
    await mailboxes('two', 2);
    const answer = await say('delete profile Branch North');
    expect(answer).toContain('cannot be deleted');
    expect(answer).toContain('2 mailboxes use this profile');
    const list = await click('profile.mailboxes', 'two');
    expect(list).toContain('user0@contoso.test');
    expect(list).toContain('user1@contoso.test');
    expect(await click('profile.confirm-delete', 'two')).toContain('cannot be deleted');
    expect(await stored('two')).toBeDefined();
    expect(await trail()).toEqual([]);
  });

  test('asks, and then the profile is gone; a second yes finds nobody', async () => {
    expect(await say('delete profile Contoso')).toContain('Delete Contoso?');
    expect(await stored('one')).toBeDefined();
    expect(await click('profile.confirm-delete', 'one')).toContain('✓ Deleted');
    expect(await stored('one')).toBeUndefined();
    expect(await click('profile.confirm-delete', 'one')).toContain('I do not know the profile');
    expect(await trail()).toEqual(['profile.deleted']);
  });
});

describe('copy profile NAME', () => {
  test('starts a guided creation with the values of the other and a name of its own', async () => {
    await say('copy profile Contoso');
    const [draft] = await stage.drafts();
    expect(draft).toMatchObject({ copiesProfileId: 'one', credentialId: null, values: { name: 'Contoso copy' } });
    expect(await say('something')).toContain('Fill in the card');
    expect(await say('cancel')).toContain('Cancelled');
  });

  test('works from the button of the profile that was shown, whatever the others are called', async () => {
    await put('three', 'one');
    await click('profile.copy', 'one');
    expect((await stage.drafts()).map(({ copiesProfileId }) => copiesProfileId)).toEqual(['one']);
  });
});

test('nobody but an admin does any of it, by words or by clicks, and each try leaves a trace', async () => {
  const changing = verbs.filter((verb) => verb.startsWith('profile.') && rightOf(verb) === 'manage');
  const before = [await stored('one'), await stored('two'), await stage.drafts()];
  for (const command of ['default', 'activate', 'deactivate', 'delete', 'copy', 'edit'])
    expect(await say(`${command} profile Contoso`, ben)).toContain('You do not have the role');
  expect(changing).toContain('profile.confirm-delete');
  for (const verb of changing) expect(await click(verb, 'one', 1, ben), verb).toContain('You do not have the role');
  expect([await stored('one'), await stored('two'), await stage.drafts()]).toEqual(before);
  let refusals = 0;
  for await (const { kind } of stage.services.store.readLog('audit')) if (kind === 'access.refused') refusals += 1;
  expect(refusals).toBe(6 + changing.length);
});
