import { expect, test } from 'vitest';
import { DraftJourney } from '../support/draft-journey.ts';
import { MailroomStage } from '../support/mailroom-stage.ts';

test('a profile that was checked while NTLM was allowed is not saved once it is forbidden', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ allowAdBasedAuthenticationProtocols: true });
  const journey = await DraftJourney.begin(stage);
  expect((await journey.toReview({ authentication: 'ntlm' })).step).toBe('review');
  await stage.settings({ allowAdBasedAuthenticationProtocols: false });
  await expect(journey.save()).rejects.toMatchObject({ code: 'profile.ntlm-not-allowed' });
  expect(await stage.all('profile')).toEqual([]);
  // Nothing is lost: allowed again, it can be saved.
  await stage.settings({ allowAdBasedAuthenticationProtocols: true });
  expect((await journey.save()).step).toBe('saved');
});
