import { expect, test } from 'vitest';
import { startRun } from '../../services/testing/start-run.ts';
import { ada, adaChat, env, MailroomStage } from '../support/mailroom-stage.ts';

const address = 'kim@contoso.test';

async function testOnce(stage: MailroomStage): Promise<void> {
  await startRun(stage, env, ada, adaChat, { kind: 'selection', text: address }, [await stage.mailbox(address)]);
  await stage.work();
}

test.each(['AccountLocked', 'CredentialRefused'] as const)(
  'after %s no start of Mailroom tries the password again, and the trail says when it was refused (law 6)',
  async (code) => {
    const stage = await MailroomStage.open();
    await stage.profile();
    await stage.mailboxes([address]);
    stage.exchange.answer = () => ({ code, params: {} });
    await testOnce(stage);
    expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
    await stage.reopen();
    await testOnce(stage);
    expect(stage.exchange.tests).toHaveLength(1);
    expect(await stage.audit('credential.refused')).toMatchObject([
      { actorId: 'system', details: { host: 'mail.contoso.test', account: 'svc-mailroom@contoso.test' } },
    ]);
  },
);
