import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draftCard } from '../../cards/draft-card.ts';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { readVaultLocation } from '../../services/exchange/oauth/vault-location.ts';
import { checkServerLocation } from '../../services/exchange/server-location.ts';
import { DraftJourney, goodVault, oauthDetails } from '../support/draft-journey.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
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
  expect(shownOf(draft)).not.toContain(typed);
  // The rest stays, so that it need not be typed again.
  expect(draft.values.serverLocation).toContain('mail.contoso.test');
  await expectNowhere(stage);
});

test.each([
  ['vaultUrl', `https://svc:${typed}@contoso-hma.vault.azure.net`],
  ['vaultUrl', `https://${typed}@contoso-hma.vault.azure.net/`],
  ['vaultUrl', `svc:${typed}@contoso-hma.vault.azure.net`],
  ['resource', `https://svc:${typed}@mail.contoso.test`],
  ['resource', `https://${typed}@mail.contoso.test/`],
])('neither is one in the %s of Hybrid Modern Authentication: %s', async (field, address) => {
  const stage = await MailroomStage.open();
  Object.assign(stage, {
    checkVaultUrl: (url: string) => (readVaultLocation(url) === null ? 'profile.vault-invalid' : null),
  });
  const journey = await DraftJourney.begin(stage);
  await journey.details(oauthDetails);
  const draft = await journey.modernAuth({ ...goodVault, [field]: address });
  expect(draft.step).toBe('modern-auth');
  expect(shownOf(draft)).not.toContain(typed);
  expect(draft.values[field as 'vaultUrl' | 'resource']).toContain('contoso');
  await expectNowhere(stage);
});

function shownOf(draft: ProfileDraft): string {
  const context = { locale: 'en', now: 0, roles: ['admin'], formUrl: null, personal: true, certificate: null } as const;
  return JSON.stringify(draftCard(draft, context).card);
}

async function expectNowhere(stage: MailroomStage): Promise<void> {
  for (const name of await readdir(stage.folder, { recursive: true })) {
    const text = await readFile(join(stage.folder, name), 'utf8').catch(() => '');
    expect(text, name).not.toContain(typed);
  }
}
