import { reviewOwners } from '../../services/alerts/review-owners.ts';
import { recordConversation } from '../../services/conversations/record-conversation.ts';
import type { Actor } from '../../services/model/access.ts';
import type { Change } from '../../services/storage/store.ts';
import { rememberPerson } from '../../services/people/known-people.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { ada, conversation, env, type MailroomStage } from './mailroom-stage.ts';

/** What came to a chat: a new message, which calls, or an edit, which does not. */
export type Came = 'new' | 'edit';

/** Somebody of this sign-in name whom Teams knows; `installed`: they have Mailroom. */
export async function meet(stage: MailroomStage, id: string, account: string, installed = true): Promise<void> {
  if (installed) await install(stage, id);
  const seenAt = stage.clock.now();
  await rememberPerson(stage.store, {
    environmentId: env,
    aadObjectId: id,
    teamsId: `29:${id}`,
    account,
    name: 'Kim',
    seenAt,
  });
}

export async function install(stage: MailroomStage, id: string): Promise<void> {
  const chat = conversation(`chat-${id}`, { kind: 'personal', aadObjectId: id });
  await recordConversation(stage.store, chat, stage.clock.now());
}

/** Everything that owners are to be told is worked through. */
export async function review(stage: MailroomStage): Promise<void> {
  while (await reviewOwners(stage, env));
}

/** Tests these mailboxes, and tells their owners. */
export async function test(stage: MailroomStage, addresses: readonly string[], actor: Actor = ada): Promise<void> {
  const mailboxes = await Promise.all(addresses.map((address) => stage.mailbox(address)));
  await startRun(stage, env, actor, 'c-run', { kind: 'selection', text: 'all' }, mailboxes);
  await stage.work();
  await review(stage);
}

/** Sends what waits for a chat as the outbox does, and says what came there of this kind. */
export async function sent(stage: MailroomStage, chat: string, kind: 'owner' | 'incident' = 'owner'): Promise<Came[]> {
  const intents = await stage.store.query('intent', { limit: 100_000 });
  const came: Came[] = [];
  const changes: Change[] = [];
  for (const { key, value } of intents) {
    const { environmentId, conversationId, kind: what, subjectId, placement } = value;
    const standing = await stage.store.get('message', key);
    if (conversationId === chat && what === kind)
      came.push(standing === undefined || placement === 'repost' ? 'new' : 'edit');
    changes.push(
      { kind: 'delete', collection: 'intent', key },
      {
        kind: 'put',
        collection: 'message',
        key,
        value: {
          environmentId,
          conversationId,
          kind: what,
          subjectId,
          activityId: 'a1',
          sentAt: stage.clock.now(),
          edits: 0,
        },
      },
    );
  }
  await stage.store.commit(changes);
  return came;
}
