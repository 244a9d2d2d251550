import { expect, test } from 'vitest';
import { followRequests } from '../../../services/jobs/approval-watch.ts';
import { approvalStage, requestFor } from '../../support/approval-stage.ts';
import { addresses, env, type MailroomStage } from '../../support/mailroom-stage.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Carries out the wishes: what has no message yet is posted, and a post in place of an older one is new as well. */
async function posted(stage: MailroomStage, standing: Set<string>): Promise<string[]> {
  const posts: string[] = [];
  for (const { conversationId, kind, subjectId, placement } of await stage.all('intent')) {
    const card = `${conversationId} ${kind} ${subjectId}`;
    if (placement === 'repost' || !standing.has(card)) posts.push(conversationId);
    standing.add(card);
  }
  await stage.sendAll();
  return posts;
}

test('requests that were raised one a minute remind by three cards and a list a day, however many fall due', async () => {
  const stage = await approvalStage();
  const standing = new Set<string>();
  const count = 300;
  for (const address of addresses(count)) {
    await requestFor(stage, [address]);
    await posted(stage, standing);
    stage.clock.advance(minute);
  }
  const began = stage.clock.now() - count * minute;
  stage.clock.advance(day - count * minute);
  const posts: string[] = [];
  for (let minutes = 0; minutes < count; minutes += 1) {
    await followRequests(stage, env);
    posts.push(...(await posted(stage, standing)));
    stage.clock.advance(minute);
  }
  expect(stage.clock.now() - began).toBe(day + count * minute);
  expect(await stage.audit('approval.reminded')).toHaveLength(count);
  expect(posts.length).toBeGreaterThan(3);
  // Three cards, and a list for each of the days that the minutes touch.
  expect(posts.length).toBeLessThanOrEqual(5);
  expect(new Set(posts)).toEqual(new Set(['approvers']));
});

test('thousands of requests of one mailbox each that fall due at once are one list', async () => {
  const stage = await approvalStage();
  const count = 5000;
  const request = await requestFor(stage, addresses(1));
  await stage.store.commit(
    Array.from({ length: count - 1 }, (_unused, index) => ({
      kind: 'put',
      collection: 'approvalRequest',
      key: `${env}/many${index}`,
      value: { ...request, id: `many${index}` },
    })),
  );
  await stage.sendAll();
  stage.clock.advance(day);
  await followRequests(stage, env);
  expect(await stage.audit('approval.reminded')).toHaveLength(count);
  expect(await posted(stage, new Set())).toEqual(['approvers']);
});
