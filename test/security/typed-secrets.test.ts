import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftCard } from '../../cards/draft-card.ts';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { checkServerLocation } from '../../services/exchange/server-location.ts';
import { DraftJourney } from '../support/draft-journey.ts';
import { MailroomStage } from '../support/mailroom-stage.ts';

const typed = 'Sync!Pass1-in-the-address';

test.each([
  `https://svc:${typed}@mail.contoso.test/EWS/Exchange.asmx`,
  `https://${typed}@mail.contoso.test/EWS/Exchange.asmx`,
  `https:svc:${typed}@mail.contoso.test/`,
  `  HTTPS:////svc:${typed}@mail.contoso.test/`,
  `https://svc:${typed}/x@mail.contoso.test/`,
  `http://svc:${typed}@mail.contoso.test/`,
  `svc:${typed}@mail.contoso.test/EWS`,
])('a password that was typed into the address is neither kept nor shown again: %s (law 3)', async (serverLocation) => {
  const stage = await MailroomStage.open();
  const policy = parseAllowList([]);
  Object.assign(stage, { checkServerLocation: (url: string) => checkServerLocation(url, policy) });
  const journey = await DraftJourney.begin(stage);
  const draft = await journey.details({ serverLocation });
  expect(draft.step).toBe('details');
  const { card } = draftCard(draft, { locale: 'en', now: 0, roles: ['admin'], formUrl: null, personal: true });
  expect(JSON.stringify(card)).not.toContain(typed);
  // The rest stays, so that it need not be typed again.
  expect(draft.values.serverLocation).toContain('mail.contoso.test');
  for (const name of await readdir(stage.folder, { recursive: true })) {
    const text = await readFile(join(stage.folder, name), 'utf8').catch(() => '');
    expect(text, name).not.toContain(typed);
  }
});
