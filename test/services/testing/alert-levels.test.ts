import { describe, expect, it } from 'vitest';
import { answerProposal } from '../../../services/mailboxes/settings-proposals.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { abe, ada, adaChat, addresses, env, MailroomStage } from '../../support/mailroom-stage.ts';
import { saveSettings } from '../../support/save-settings.ts';
import { storeUnavailable } from '../../support/scripted-exchange.ts';

/** A stage with a channel that wants all alerts, and with one mailbox that a run is testing. */
async function testing(): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.subscribe('alerts', { alerts: 'all' });
  const mailboxes = await stage.mailboxes(addresses(1));
  stage.exchange.answer = () => storeUnavailable;
  await startRun(stage, env, ada, adaChat, { kind: 'selection', text: 'all' }, mailboxes);
  return stage;
}

const incidentsSent = (stage: MailroomStage): Promise<string[]> => stage.wishes('incident');

describe('a level of alerts that is switched off', () => {
  it('reaches no channel, and is told in its digest when it is switched on again', async () => {
    const stage = await testing();
    await saveSettings(stage, { alertsForWarnings: 'false' });
    await stage.work();
    expect((await stage.all('incident')).map(({ level, state }) => `${level} ${state}`)).toEqual(['warning open']);
    expect([await incidentsSent(stage), (await stage.all('alertEvent')).map(({ about }) => about)]).toEqual([
      [],
      ['run'],
    ]);
    await saveSettings(stage, { alertsForWarnings: 'true' });
    expect(await incidentsSent(stage)).toEqual([]);
    const [incident] = await stage.all('incident');
    expect(await stage.get('alertEvent', 'incident', incident?.id ?? '')).toMatchObject({ about: 'incident' });
  });

  it('does not come to a channel that subscribes meanwhile either', async () => {
    const stage = await testing();
    await saveSettings(stage, { alertsForWarnings: 'false' });
    await stage.work();
    await stage.subscribe('late', { alerts: 'all' });
    expect(await incidentsSent(stage)).toEqual([]);
  });

  it('lets a card that stands already tell the end of its story', async () => {
    const stage = await testing();
    await stage.work();
    const [incident] = await stage.all('incident');
    await stage.sendAll();
    const key = `${env}/alerts/incident/${incident?.id ?? ''}`;
    await stage.store.commit([
      {
        kind: 'put',
        collection: 'message',
        key,
        value: {
          environmentId: env,
          conversationId: 'alerts',
          kind: 'incident',
          subjectId: incident?.id ?? '',
          activityId: 'a1',
          sentAt: 0,
          edits: 0,
        },
      },
    ]);
    await saveSettings(stage, { alertsForWarnings: 'false' });
    stage.exchange.answer = () => null;
    stage.clock.advance(stage.retry.delayMs);
    await stage.work();
    expect((await stage.all('incident')).map(({ state }) => state)).toEqual(['resolved']);
    expect(await incidentsSent(stage)).toEqual(['alerts incident']);
  });

  it('takes a second person for errors, and is shown again by one person', async () => {
    const stage = await testing();
    const { proposal } = await saveSettings(stage, { alertsForErrors: 'false' });
    await answerProposal(stage, env, abe, proposal?.id ?? '', true);
    stage.retry = { attempts: 1, delayMs: 1 };
    await stage.work();
    expect((await stage.all('incident')).map(({ level }) => level)).toEqual(['error']);
    expect(await incidentsSent(stage)).toEqual([]);
    await saveSettings(stage, { alertsForErrors: 'true' });
    expect(await incidentsSent(stage)).toEqual(['alerts incident']);
  });
});

describe('the Email Router', () => {
  it('lets later tries of a test wait, and disables nobody', async () => {
    const stage = await testing();
    await stage.work();
    const asked = stage.exchange.tests.length;
    const { proposal } = await saveSettings(stage, { emailConnectionChannel: '1' });
    await answerProposal(stage, env, abe, proposal?.id ?? '', true);
    const before = await stage.mailbox(addresses(1)[0] ?? '');
    stage.clock.advance(stage.retry.delayMs);
    await stage.work();
    expect(stage.exchange.tests).toHaveLength(asked);
    const after = await stage.mailbox(addresses(1)[0] ?? '');
    expect(after).toMatchObject({ incoming: before.incoming, transientFailureCount: before.transientFailureCount });
    await saveSettings(stage, { emailConnectionChannel: '0' });
    stage.exchange.answer = () => null;
    stage.clock.advance(2 * stage.retry.delayMs);
    await stage.work();
    expect(stage.exchange.tests).toHaveLength(asked + 1);
    expect((await stage.mailbox(addresses(1)[0] ?? '')).status).toBe(1);
  });
});
