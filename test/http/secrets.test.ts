import { afterAll, beforeAll, expect, test } from 'vitest';
import { alerts, approvals, personal, Stage } from './stage.ts';

/** Marks that stand in nothing else, with characters that each encoding writes differently. */
const password = 'Mk7!Zebra&Quartz<9>"é';
const refused = 'Xw3?Falcon+Opal=4/ü';
const typedByMistake = 'Jq5$Otter#Jade~8';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ exchange: { password }, environment: { LOG_LEVEL: 'trace' } });
});
afterAll(() => stage?.close());

/** The forms in which a secret could stand somewhere: as it is, escaped, encoded, and as Basic sends it. */
function formsOf(secret: string): string[] {
  const { userName, principalName } = stage.world.exchange.serviceAccount;
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ p: secret }).toString().slice(2),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret, 'utf8').toString('latin1'),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...[userName, principalName].map((name) => Buffer.from(`${name}:${secret}`).toString('base64').replace(/=+$/, '')),
    // The core of it, should something be cut or changed around it.
    /[A-Z][a-z]{4,}/.exec(secret)?.[0] ?? secret,
  ];
  return [...new Set(forms)];
}

test('no password that anybody entered stands anywhere but sealed, not even one that was refused or typed into chat', async () => {
  const { world } = stage;
  // A wrong one first, one typed into the chat by mistake, then the right one, and the whole journey behind it.
  await stage.checkProfile('ada', {}, refused);
  expect(await stage.ask('ada', personal, typedByMistake)).toContain('delete your message and change the password');
  const code = await stage.enterPassword('ada');
  await stage.press('ada', personal, 'profile.confirm-code', { code });
  await stage.checked('ada');
  await stage.press('ada', personal, 'profile.save');
  await stage.ask('ada', approvals, 'approvers here');
  await stage.ask('ada', alerts, 'subscribe');
  world.exchange.setFaults([{ mailbox: world.mailboxes[1]?.address ?? '', then: { fault: 'ErrorAccessDenied' } }]);
  await stage.importMailboxes();
  await stage.approveAll('ben', approvals);
  await stage.journey.see('ada', personal, ({ text }) => text.includes('Some failed'), 'the end of the run');
  await stage.journey.see('ada', alerts, ({ text }) => text.includes('Access to the mailbox is denied'), 'the alert');
  // A password that is wrong from one day to the next, met by a run.
  world.exchange.setPassword('changed-on-the-server');
  await stage.ask('ada', personal, `test ${world.mailboxes[0]?.address}`);
  await stage.journey.see('ada', alerts, ({ text }) => text.includes('did not accept the password'), 'the alert');
  await stage.ask('ada', personal, 'profile Contoso on-premises');
  await stage.restart('kill');
  await stage.down('stop');

  const places = await stage.traces();
  // The search would find something if it were there.
  const all = places.map(({ text }) => text).join('\n');
  expect(all).toContain('svc-mailroom@contoso.test');
  expect(places.filter(({ place }) => place.startsWith(world.folder)).length).toBeGreaterThan(0);
  expect(stage.output().length).toBeGreaterThan(1000);

  const found = [password, refused, typedByMistake].flatMap((secret) =>
    formsOf(secret).flatMap((form) =>
      places.filter(({ text }) => text.includes(form)).map(({ place }) => `${secret.slice(0, 3)}… in ${place}`),
    ),
  );
  expect(found).toEqual([]);
});
