import { expect, it } from 'vitest';
import { confirmSettings, reviewSettings } from '../../services/mailboxes/change-email-settings.ts';
import { answerProposal } from '../../services/mailboxes/settings-proposals.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { abe, env, MailroomStage, pia } from '../support/mailroom-stage.ts';

it('an approver alone cannot agree to what somebody proposed who is no admin any more', async () => {
  const stage = await MailroomStage.open();
  const { revision, settings } = (await getEnvironment(stage.store, env)).value;
  const asked = await reviewSettings(stage, env, abe, revision, 'approval', { requireApprovalForUsers: 'false' });
  if (asked.kind !== 'asked') throw new Error(asked.kind);
  const { proposal } = await confirmSettings(stage, env, abe, asked.draft.id);
  await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, abe.aadObjectId) }]);
  const answered = await answerProposal(stage, env, pia, proposal?.id ?? '', true);
  expect(answered.state).toBe('void');
  expect((await getEnvironment(stage.store, env)).value.settings).toEqual(settings);
});
