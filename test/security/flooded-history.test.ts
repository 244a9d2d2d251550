import { expect, it, onTestFinished } from 'vitest';
import { eve, openStage } from '../conversation/stage.ts';

it('somebody without a role who types into an input of a card leaves one trace, not one a letter', async () => {
  const stage = await openStage();
  onTestFinished(() => stage.dispose());
  const chat = stage.talk(eve);
  for (const dataset of ['mailboxes', 'mailboxes', 'profiles', 'mailboxes', 'profiles']) {
    const value = { dataset, queryText: 'k' };
    await chat.send({ type: 'invoke', name: 'application/search', value }).startTest();
    expect(chat.activeQueue.at(-1)?.value).toMatchObject({ status: 403 });
  }
  const traces: string[] = [];
  for await (const { kind, subjects } of stage.services.store.readLog('audit'))
    if (kind === 'access.refused') traces.push(...subjects);
  expect(traces).toEqual(['search mailboxes']);
});
