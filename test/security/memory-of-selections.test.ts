import { expect, it } from 'vitest';
import { changeMailboxList, openMailboxList, selectionOf } from '../../services/mailboxes/change-mailbox-list.ts';
import type { Actor } from '../../services/model/access.ts';
import { mostSelections } from '../../services/model/mailbox-view.ts';
import { abe, ada, addresses, env, MailroomStage } from '../support/mailroom-stage.ts';

const selectAll = async (stage: MailroomStage, actor: Actor) => {
  const { view } = await openMailboxList(stage, env, actor, '');
  const click = { id: view.id, revision: view.revision, inputs: {} };
  return changeMailboxList(stage, env, actor, click, { kind: 'select-all' });
};

it('whoever may only read cannot fill the memory with selections of everything', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(addresses(20));
  const others = await selectAll(stage, abe);
  let last = await selectAll(stage, ada);
  for (let lists = 0; lists < mostSelections + 5; lists += 1) {
    stage.clock.advance(1000);
    last = await selectAll(stage, ada);
  }
  expect(await stage.all('mailboxSelection')).toHaveLength(mostSelections + 1);
  // The newest stay, and everybody else's.
  for (const [actor, { view }] of [
    [ada, last],
    [abe, others],
  ] as const) {
    const { mailboxIds } = await selectionOf(stage, env, actor, { id: view.id, revision: view.revision, inputs: {} });
    expect(mailboxIds).toHaveLength(20);
  }
});
