import { expect, it } from 'vitest';
import { fileToken, mostExports, takeLink } from '../../services/access/file-links.ts';
import { openMailboxList } from '../../services/mailboxes/change-mailbox-list.ts';
import { offerMailboxes } from '../../services/mailboxes/export-mailboxes.ts';
import type { Actor } from '../../services/model/access.ts';
import type { FileLink } from '../../services/model/file-link.ts';
import { ada, addresses, audit, env, MailroomStage, refusal } from '../support/mailroom-stage.ts';

const offer = async (stage: MailroomStage, actor: Actor): Promise<FileLink> => {
  const { view } = await openMailboxList(stage, env, actor, '');
  return offerMailboxes(stage, actor, view, [], 'chat');
};

it('whoever may export cannot fill the memory with files that nobody fetches', async () => {
  const stage = await MailroomStage.open();
  await stage.mailboxes(addresses(20));
  const others = await offer(stage, ada);
  const links: FileLink[] = [];
  for (let lists = 0; lists < mostExports + 5; lists += 1) {
    stage.clock.advance(1000);
    links.push(await offer(stage, audit));
  }
  expect(await stage.all('fileLink')).toHaveLength(mostExports + 1);
  // The newest work, and everybody else's.
  for (const link of [others, links.at(-1) ?? others]) {
    const { content } = await takeLink(stage, fileToken(stage.keys, link));
    expect(content?.mailboxIds).toHaveLength(20);
  }
  expect(await refusal(takeLink(stage, fileToken(stage.keys, links[0] ?? others)))).toBe('file.link-invalid');
});
