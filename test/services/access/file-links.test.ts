import { describe, expect, it } from 'vitest';
import { fileToken, findLink, offerFile, openLinkOf, takeLink } from '../../../services/access/file-links.ts';
import { fileLinkLifetimeMs } from '../../../services/model/file-link.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { sweep } from '../../../services/jobs/sweep.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import {
  ada,
  adaChat,
  addresses,
  audit,
  env,
  MailroomStage,
  pia,
  refusal,
  stranger,
} from '../../support/mailroom-stage.ts';

const file = { kind: 'run-report', subjectId: 'RUN234' } as const;

async function offered(person = ada): Promise<{ stage: MailroomStage; token: string }> {
  const stage = await MailroomStage.open();
  const link = await offerFile(stage, env, person, file, adaChat);
  return { stage, token: fileToken(stage.keys, link) };
}

describe('a one-time link', () => {
  it('is for everybody who may read, and for nobody else', async () => {
    const { stage } = await offered(pia);
    await offerFile(stage, env, audit, file, 'chat-otto');
    expect(await refusal(offerFile(stage, env, stranger, file, 'chat-x'))).toBe('access.denied');
    expect((await stage.all('fileLink')).map(({ ownerId }) => ownerId)).toEqual(['audit', 'pia']);
  });

  it('is not in the store: neither its token nor anything that gives it away', async () => {
    const { stage, token } = await offered();
    expect(JSON.stringify(await stage.all('fileLink'))).not.toContain(token);
    expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('works after a restart, since the card computes the same token again', async () => {
    const { stage, token } = await offered();
    await stage.reopen();
    const link = await openLinkOf(stage, env, file, ada.aadObjectId);
    expect(link === null ? '' : fileToken(stage.keys, link)).toBe(token);
    expect((await findLink(stage, token)).value.ownerId).toBe('ada');
  });

  it('is consumed by the download and not by a look; the trail says who had it', async () => {
    const { stage, token } = await offered();
    await findLink(stage, token);
    await findLink(stage, token);
    expect(await takeLink(stage, token)).toMatchObject({ ownerId: 'ada', subjectId: 'RUN234' });
    expect(await refusal(findLink(stage, token))).toBe('file.link-used');
    expect(await refusal(takeLink(stage, token))).toBe('file.link-used');
    expect(await openLinkOf(stage, env, file, ada.aadObjectId)).toBeNull();
    expect(await stage.audit('run.report-downloaded')).toMatchObject([{ actorId: 'ada', subjects: ['RUN234'] }]);
  });

  it('is given once when two ask in the same moment', async () => {
    const { stage, token } = await offered();
    const both = await Promise.allSettled([takeLink(stage, token), takeLink(stage, token)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'file.link-used' } });
    expect(await stage.audit('run.report-downloaded')).toHaveLength(1);
  });

  it('works for ten minutes', async () => {
    const { stage, token } = await offered();
    stage.clock.advance(fileLinkLifetimeMs - 1);
    await findLink(stage, token);
    stage.clock.advance(1);
    expect(await refusal(takeLink(stage, token))).toBe('file.link-expired');
    expect(await openLinkOf(stage, env, file, ada.aadObjectId)).toBeNull();
  });

  it('is void as soon as the same person asks for a new one; that of another person goes on', async () => {
    const { stage, token } = await offered();
    const others = fileToken(stage.keys, await offerFile(stage, env, pia, file, 'chat-pia'));
    await offerFile(stage, env, ada, file, adaChat);
    expect(await refusal(takeLink(stage, token))).toBe('file.link-invalid');
    expect((await takeLink(stage, others)).ownerId).toBe('pia');
  });

  it('gives nothing to whoever lost the role since', async () => {
    const { stage, token } = await offered(audit);
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, audit.aadObjectId) }]);
    expect(await refusal(takeLink(stage, token))).toBe('access.denied');
    expect(await stage.audit('run.report-downloaded')).toEqual([]);
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(44), '../../etc/passwd', '%00', `${'A'.repeat(42)}=`])(
    'cannot be guessed: %j',
    async (guess) => {
      const { stage } = await offered();
      expect(await refusal(takeLink(stage, guess))).toBe('file.link-invalid');
    },
  );

  it('makes the card in that chat offer a new one when it is spent', async () => {
    const stage = await MailroomStage.open();
    await stage.profile();
    const title = { kind: 'approved' } as const;
    const { run } = await startRun(stage, env, ada, adaChat, title, await stage.mailboxes(addresses(1)));
    await stage.sendAll();
    const link = await offerFile(stage, env, ada, { ...file, subjectId: run.id }, adaChat);
    expect(await stage.wishes()).toEqual([]);
    await takeLink(stage, fileToken(stage.keys, link));
    expect(await stage.wishes()).toEqual([`${adaChat} run`]);
  });

  it('is swept a day after its end', async () => {
    const { stage } = await offered();
    stage.clock.advance(fileLinkLifetimeMs + 24 * 60 * 60 * 1000);
    await sweep(stage, env);
    expect(await stage.all('fileLink')).toHaveLength(1);
    stage.clock.advance(1);
    await sweep(stage, env);
    expect(await stage.all('fileLink')).toEqual([]);
  });
});
