import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertsPageSize } from '../../services/model/list-view.ts';
import { keyOf } from '../../services/storage/store.ts';
import type { Verb } from '../../cards/verbs.ts';
import { incident, normal } from '../cards/card-fixtures.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  const { environmentId } = stage;
  await stage.services.store.commit(
    Array.from({ length: 12 }, (_, index) => {
      const id = `K7Q2M4P${index.toString(36).toUpperCase()}`;
      const code = index === 0 ? 'ErrorQuotaExceeded' : 'ErrorAccessDenied';
      const value = { ...incident(normal, code, { open: 20 - index, causeId: `p1~${index}` }), environmentId, id };
      return { kind: 'put', collection: 'incident', key: keyOf(environmentId, id), value } as const;
    }),
  );
});
afterEach(() => stage.dispose());

const say = (text: string, person: Person = ada): Promise<Seen> => send(stage.talk(person), { type: 'message', text });

function click(verb: Verb, id: string, revision: number, inputs = {}, person: Person = ada): Promise<Seen> {
  const action = { type: 'Action.Execute', verb, data: { id, revision, ...inputs } };
  return send(stage.talk(person), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' },
  });
}

const buttonOf = (seen: Seen, verb: Verb): { id: string; revision: number } => {
  const found = seen.nodes.find((node) => node['type'] === 'Action.Execute' && node['verb'] === verb);
  if (found === undefined) throw new Error(`no button ${verb}`);
  return found['data'] as { id: string; revision: number };
};

test('the list turns its pages on the server, and a double click turns one', async () => {
  const first = await say('alerts');
  expect(first.words).toContain(`1 to ${alertsPageSize} of 12`);
  const next = buttonOf(first, 'alerts.next');
  expect((await click('alerts.next', next.id, next.revision)).words).toContain(`${alertsPageSize + 1} to 12 of 12`);
  expect((await click('alerts.next', next.id, next.revision)).words).toContain(`${alertsPageSize + 1} to 12 of 12`);
});

test('the list is searched by what is typed and by what is chosen', async () => {
  const { id, revision } = buttonOf(await say('alerts'), 'alerts.filter');
  const full = await click('alerts.filter', id, revision, { filter: 'full', state: 'open', level: 'any' });
  expect(full.words).toContain('The mailbox is full');
  expect(full.words).not.toContain('ErrorAccessDenied');
  const none = await click('alerts.filter', id, revision + 1, { filter: 'full', state: 'resolved' });
  expect(none.words).toContain('No alert fits this filter');
});

test('what is no filter is answered with what there is', async () => {
  expect((await say('alerts colour:red')).words).toContain('You can use level:');
  expect((await say('alerts code:quota')).words).toContain('ErrorQuotaExceeded');
});

test('the runbook opens from an alert and from the list of its code, and only an admin writes into it', async () => {
  const { id } = buttonOf(await say('alerts code:ErrorQuotaExceeded'), 'runbook.show');
  expect(id).toBe('ErrorQuotaExceeded');
  expect((await click('runbook.show', id, 0)).words).toContain('Runbook: The mailbox is full');
  expect(buttonOf(await click('incident.show', 'K7Q2M4P0', 1), 'runbook.show').id).toBe(id);
  const kept = await click('runbook.save', id, 0, { text: 'Ask **Ben**', link: 'https://wiki.contoso.com' });
  expect(kept.words).toContain('Note of your organization');
  const refused = await click('runbook.save', id, 1, { text: 'x', link: 'https://ben:secret@wiki.contoso.com' });
  expect(refused.words).toContain('name or password');
  expect(JSON.stringify(refused.nodes)).not.toContain('secret');
  const other = await click('runbook.save', id, 1, { text: 'mine', link: '' }, ben);
  expect(other.words).not.toContain('Note of your organization');
  const note = (await stage.services.store.get('runbookNote', keyOf(stage.environmentId, id)))?.value;
  expect(note).toMatchObject({ text: 'Ask **Ben**', revision: 1 });
});
