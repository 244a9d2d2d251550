import type { Activity, TestAdapter } from 'botbuilder';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import { confirmImport } from '../../services/mailboxes/confirm-import.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import type { Role } from '../../services/model/access.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { AuditEntry } from '../../services/model/audit.ts';
import type { IntentKind } from '../../services/model/intent.ts';
import { keyOf } from '../../services/storage/store.ts';
import { textOf, type CardNode } from '../cards/card-client.ts';
import { ada, tenantId, type Person, type Stage } from './stage.ts';

export type Where = 'personal' | 'channel';
/** What a button carries. */
export type Button = Pick<ApprovalRequest, 'id' | 'revision'>;

/** What a person got for a click: a card in the place of the one that was clicked, or words. */
export interface Answer {
  readonly card: object | null;
  readonly words: string;
}

/** What came of a click on a button that opens a dialog, or of a dialog's own button. */
export interface Dialog {
  /** Null: a sentence in place of a dialog. */
  readonly card: object | null;
  readonly title: string;
  readonly words: string;
}

const channelId = '19:channel@thread.tacv2';

/** Requests for approval, and people who say, click and type about them. */
export class ApprovalChat {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  async hold({ aadObjectId, name }: Pick<Person, 'aadObjectId' | 'name'>, ...roles: Role[]): Promise<void> {
    const { environmentId, services } = this.stage;
    const value = { environmentId, aadObjectId, roles, name, grantedBy: 'configuration', grantedAt: 0 };
    const key = keyOf(environmentId, aadObjectId);
    await services.store.commit([{ kind: 'put', collection: 'role', key, value }]);
  }

  async say(person: Person, text: string, where: Where = 'personal'): Promise<string> {
    return (await send(this.stage.talk(person, where), { type: 'message', text })).words;
  }

  /** A click on Action.Execute; `automatic`: what a client sends by itself. */
  click(
    person: Person,
    verb: string,
    of: Button,
    { where = 'channel', inputs = {}, trigger = 'manual' }: { where?: Where; inputs?: object; trigger?: string } = {},
  ): Promise<Answer> {
    const data = { ...inputs, verb, id: of.id, revision: of.revision };
    const action = { type: 'Action.Execute', verb, data };
    return send(this.stage.talk(person, where), {
      type: 'invoke',
      name: 'adaptiveCard/action',
      value: { action, trigger },
    });
  }

  /** What a client does by itself for the people that the card names. */
  refresh(person: Person, id: string, where: Where = 'channel'): Promise<Answer> {
    const verb = 'approval.refresh';
    const value = { action: { type: 'Action.Execute', verb, data: { verb, id } }, trigger: 'automatic' };
    return send(this.stage.talk(person, where), { type: 'invoke', name: 'adaptiveCard/action', value });
  }

  /** A click on Action.Submit, as clients send it that know no Action.Execute. */
  submit(person: Person, verb: string, { id, revision }: Button, where: Where = 'channel'): Promise<Answer> {
    return send(this.stage.talk(person, where), { type: 'message', value: { verb, id, revision } });
  }

  /** Opens a dialog. */
  open(person: Person, verb: string, of: Button, inputs: object = {}, where: Where = 'channel'): Promise<Dialog> {
    const data = { msteams: { type: 'task/fetch' }, verb, id: of.id, revision: of.revision, ...inputs };
    return this.#task(person, 'task/fetch', data, where);
  }

  /** Sends a dialog off. */
  type(person: Person, verb: string, of: Button, inputs: object, where: Where = 'channel'): Promise<Dialog> {
    return this.#task(person, 'task/submit', { verb, id: of.id, revision: of.revision, ...inputs }, where);
  }

  /** What `person` imports waits for approval. */
  async imported(list: readonly string[], person: Person = ada): Promise<ApprovalRequest> {
    const { services, environmentId } = this.stage;
    const actor = { tenantId, aadObjectId: person.aadObjectId, name: person.name };
    const { id } = await planImport(services, environmentId, actor, `a:${person.id}`, list.join('\n'));
    await confirmImport(services, environmentId, actor, id, false);
    const found = await services.store.query('approvalRequest', { where: { importId: id }, limit: 1 });
    if (found[0] === undefined) throw new Error('no request');
    return found[0].value;
  }

  async now({ id }: Pick<ApprovalRequest, 'id'>): Promise<ApprovalRequest> {
    const found = await this.stage.services.store.get('approvalRequest', keyOf(this.stage.environmentId, id));
    if (found === undefined) throw new Error('no request');
    return found.value;
  }

  /** Approval states of all mailboxes, by address. */
  async states(): Promise<number[]> {
    return (await this.stage.services.store.query('mailbox', { limit: 100_000 })).map(({ value }) => value.approval);
  }

  async trail(kind: AuditEntry['kind']): Promise<AuditEntry[]> {
    const found: AuditEntry[] = [];
    for await (const entry of this.stage.services.store.readLog('audit')) if (entry.kind === kind) found.push(entry);
    return found;
  }

  /** What the outbox posts to a person, or into the channel. */
  async posted(place: Person | 'channel', kind: IntentKind): Promise<object> {
    const { services, environmentId } = this.stage;
    const conversationId = place === 'channel' ? channelId : `a:${place.id}`;
    const [wish] = await services.store.query('intent', { where: { kind, conversationId }, limit: 1 });
    const reference = await services.store.get('conversation', keyOf(environmentId, conversationId));
    if (wish === undefined || reference === undefined) throw new Error(`no ${kind} for ${conversationId}`);
    const rendered = await renderIntent(services, wish.value, reference.value);
    if (rendered === 'gone') throw new Error('gone');
    return rendered.card;
  }

  /** As the outbox leaves things: each wish is a message that stands where it was wished for. */
  async delivered(): Promise<void> {
    const { store } = this.stage.services;
    for (const { key, value } of await store.query('intent', { limit: 1000 })) {
      const { environmentId, conversationId, kind, subjectId } = value;
      const message = { environmentId, conversationId, kind, subjectId, activityId: key, sentAt: 0, edits: 0 };
      await store.commit([
        { kind: 'put', collection: 'message', key, value: message },
        { kind: 'delete', collection: 'intent', key },
      ]);
    }
  }

  async #task(person: Person, name: string, data: object, where: Where): Promise<Dialog> {
    const adapter = this.stage.talk(person, where);
    adapter.activeQueue.length = 0;
    const value = { data, context: { theme: 'default' } };
    await adapter.send({ type: 'invoke', name, value }).startTest();
    const [answer] = adapter.activeQueue;
    if (answer === undefined) throw new Error('no answer');
    const { status, body } = answer.value as { status: number; body: { task: CardNode } };
    if (status !== 200) throw new Error(`status ${status}`);
    const { type, value: shown } = body.task;
    if (type === 'message') return { card: null, title: '', words: String(shown) };
    const { title, card } = shown as { title: string; card: { content: object } };
    return { card: card.content, title, words: textOf(card.content).replaceAll('\\', '') };
  }
}

async function send(adapter: TestAdapter, activity: Partial<Activity>): Promise<Answer> {
  adapter.activeQueue.length = 0;
  await adapter.send(activity).startTest();
  const answers = adapter.activeQueue.flatMap(({ text, attachments = [], value }) => {
    const body = (value as { body?: { value: unknown } } | undefined)?.body?.value;
    return [text, body, ...attachments.map(({ content }) => content as unknown)];
  });
  const words = answers.map((answer) => (typeof answer === 'string' ? answer : textOf(answer))).join('\n');
  const card = answers.find((answer) => typeof answer === 'object' && answer !== null);
  return { card: card ?? null, words: words.replaceAll('\\', '') };
}
