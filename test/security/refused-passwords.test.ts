import { expect, onTestFinished, test } from 'vitest';
import { startExchange } from '../../sandbox/exchange/index.ts';
import { createExchange } from '../../services/exchange/exchange.ts';
import { startRun } from '../../services/testing/start-run.ts';
import { allowList } from '../exchange/access.ts';
import { ada, adaChat, addresses, env, MailroomStage, refusalOf } from '../support/mailroom-stage.ts';

const address = 'kim@contoso.test';

async function testOnce(stage: MailroomStage, whose = address): Promise<void> {
  await startRun(stage, env, ada, adaChat, { kind: 'selection', text: whose }, [await stage.mailbox(whose)]);
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
    expect(await refusalOf(testOnce(stage))).toMatchObject({ code: 'run.nothing-to-test' });
    expect(stage.exchange.tests).toHaveLength(1);
    expect(await stage.audit('credential.refused')).toMatchObject([
      { actorId: 'system', details: { host: 'mail.contoso.test', account: 'svc-mailroom@contoso.test' } },
    ]);
  },
);

test('a run of 5,000 mailboxes with a wrong password is one sign-in at Exchange, and the account is not locked', async () => {
  const standIn = await startExchange({ mailboxes: 10, lockout: 2 });
  const wire = createExchange({ allowList, extraCa: standIn.caCertificate });
  onTestFinished(async () => {
    await wire.close();
    await standIn.close();
  });
  const stage = await MailroomStage.open();
  stage.exchange.testMailbox = (...call) => wire.testMailbox(...call);
  await stage.profile('p1', { serverLocation: standIn.ews });
  const mailboxes = await stage.mailboxes(addresses(5000));
  await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'all' }, mailboxes);
  await stage.work();
  expect(await stage.all('run')).toMatchObject([{ total: 5000, done: 5000, failed: 5000 }]);
  expect(standIn.signIns().map(({ outcome }) => outcome)).toEqual(['wrong-password']);
  expect(standIn.isLocked()).toBe(false);
  await stage.reopen();
  expect(await refusalOf(testOnce(stage, 'user0001@contoso.test'))).toMatchObject({ params: { secretRefused: 1 } });
  expect(standIn.signIns()).toHaveLength(1);
});
