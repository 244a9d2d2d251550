import { causeIdOf, levelOf } from '../../services/model/alert.ts';
import { natureOf, type Fault } from '../../services/model/fault.ts';
import { untestedOutcome } from '../../services/model/run.ts';
import { keyOf } from '../../services/storage/store.ts';
import { env, type MailroomStage } from './mailroom-stage.ts';

const causeOf = (fault: Fault): string => causeIdOf('p1', fault.code);

/** A mailbox of `p1` meets a fault, and its cause is counted. `triesLeft`: a transient one still warns. */
export async function hit(
  stage: MailroomStage,
  address: string,
  fault: Fault,
  { triesLeft = true, causeId = causeOf(fault) } = {},
): Promise<void> {
  const now = stage.clock.now();
  await stage.store.commit([
    {
      kind: 'put',
      collection: 'alert',
      key: keyOf(env, address, fault.code),
      value: {
        environmentId: env,
        mailboxId: address,
        directions: ['incoming'],
        address,
        profileId: 'p1',
        causeId,
        fault,
        level: levelOf(natureOf(fault), triesLeft),
        firstAt: now,
        lastAt: now,
        count: 1,
      },
    },
  ]);
  await countAgain(stage, address, fault, causeId);
}

/** It works again. */
export async function recover(
  stage: MailroomStage,
  address: string,
  fault: Fault,
  causeId = causeOf(fault),
): Promise<void> {
  await stage.store.commit([{ kind: 'delete', collection: 'alert', key: keyOf(env, address, fault.code) }]);
  await countAgain(stage, address, fault, causeId);
}

async function countAgain(stage: MailroomStage, address: string, fault: Fault, causeId: string): Promise<void> {
  const value = untestedOutcome({
    environmentId: env,
    runId: null,
    mailboxId: address,
    profileId: 'p1',
    at: stage.clock.now(),
    causes: [{ causeId, fault }],
  });
  await stage.store.commit([{ kind: 'put', collection: 'outcome', key: keyOf(env, 'retry', address), value }]);
  await stage.fold();
}

/** What the outbox does: the wishes that are due become messages that stand; says which, as `conversation kind placement`. */
export async function deliver(stage: MailroomStage): Promise<string[]> {
  const wishes = await stage.all('intent');
  const told: string[] = [];
  for (const { subjectId, conversationId, kind, placement } of wishes) {
    const key = keyOf(env, conversationId, kind, subjectId);
    const standing = await stage.store.get('message', key);
    const sent = { environmentId: env, conversationId, kind, subjectId, activityId: 'a', edits: 0 };
    await stage.store.commit([
      { kind: 'put', collection: 'message', key, value: { ...sent, sentAt: stage.clock.now() } },
    ]);
    const how = standing === undefined ? 'new' : placement === 'repost' ? 'again' : 'edit';
    told.push(`${conversationId} ${kind} ${how}`);
  }
  await stage.sendAll();
  return told.sort();
}
