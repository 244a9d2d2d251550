import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../sandbox/bot-process.ts';
import { startExchange, type ExchangeOptions, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { actionOf, goodMailboxes, hasLink, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;
/** One authority for the good server and its neighbours with a flaw, which the bot's process trusts. */
let tlsDir: string;
const neighbours: ExchangeStandIn[] = [];

beforeAll(async () => {
  tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-tls-'));
  // Three admins: cards of one chat are paced, those of three are not paced together.
  const { ada, ben, cleo } = OBJECT_IDS;
  stage = await Stage.open({
    exchange: { tlsDir, lockout: 3 },
    environment: { MAILROOM_ADMINS: [ada, ben, cleo].join(',') },
  });
});

afterAll(async () => {
  await stage?.close();
  await Promise.all(neighbours.map((server) => server.close()));
  await rm(tlsDir, { recursive: true, force: true });
});

async function neighbour(options: ExchangeOptions): Promise<ExchangeStandIn> {
  const server = await startExchange({ tlsDir, mailboxes: goodMailboxes(3), ...options });
  neighbours.push(server);
  return server;
}

test('a wrong password is tried once, and only a new one leads on', async () => {
  const { exchange } = stage.world;
  const seen = await stage.checkProfile('ada', {}, 'not-the-password');
  expect(exchange.signIns()).toHaveLength(1);
  expect(exchange.signIns()[0]?.outcome).toBe('wrong-password');
  expect(exchange.isLocked()).toBe(false);
  expect(seen.text).toContain('Exchange did not accept the password');
  expect(seen.text).toContain('svc-mailroom@contoso.test');
  expect(seen.text).toContain('does not try it again');
  expect(seen.text).toContain('Get-ADUser');
  expect(seen.buttons).toContain('Enter a new password');
  expect(seen.buttons).not.toContain('Check again');

  // Nobody can make Mailroom try it again: not by a forged click, not by going back and forth, not by a restart.
  const data = actionOf(seen.card, 'profile.new-link')?.data ?? {};
  await stage.forge('ada', seen.message.id, 'profile.check', { ...data, verb: 'profile.check' });
  await stage.forge('ada', seen.message.id, 'profile.save', { ...data, verb: 'profile.save' });
  await stage.press('ada', personal, 'profile.back');
  await stage.press('ada', personal, 'profile.answer', stage.details());
  await stage.restart('kill');
  await stage.find('ada', personal, 'profile.new-link');
  expect(exchange.signIns()).toHaveLength(1);

  // The right one leads on, and the account was never in danger.
  const code = await stage.enterPassword('ada');
  await stage.press('ada', personal, 'profile.confirm-code', { code });
  const review = await stage.checked('ada');
  expect(review.buttons).toContain('Save');
  expect(exchange.signIns().filter(({ outcome }) => outcome !== 'accepted')).toHaveLength(1);
});

/** The chats of all admins with no profile under way and no card of one, and a process with a fresh pace for cards. */
async function startAnew(): Promise<void> {
  const admins = ['ada', 'ben', 'cleo'];
  for (const who of admins) await stage.ask(who, personal, 'cancel');
  await stage.restart('stop');
  const isOver = (who: string): boolean =>
    stage.journey
      .cards(who, personal)
      .every(({ card, buttons }) => !hasLink(card) && !buttons.some((title) => open.includes(title)));
  const open = ['Check again', 'Save', 'New link'];
  await stage.world.teams.waitFor(() => admins.every(isOver), { what: 'every card of a profile says that it is over' });
}

describe('a certificate that cannot be trusted is told with its next step, and no password is sent', () => {
  beforeAll(startAnew);

  test.concurrent.each([
    ['ada', 'untrusted', 'The certificate is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['ben', 'expired', 'The certificate is not valid today', 'Get-ExchangeCertificate'],
    ['cleo', 'wrong-name', 'The certificate is for another name', 'CertificateDomains'],
  ] as const)('%s meets one that is %s', async (who, certificate, title, nextStep) => {
    const server = await neighbour({ certificate });
    const seen = await stage.checkProfile(who, { serverLocation: server.ews });
    expect(seen.text).toContain(title);
    expect(seen.text).toContain(nextStep);
    expect(seen.text).toContain('Failed step');
    expect(seen.buttons).toEqual(expect.arrayContaining(['Check again', 'Change the details']));
    expect(seen.buttons).not.toContain('Save');
    expect(server.signIns()).toEqual([]);
    expect(server.requests()).toEqual([]);
  });
});

describe('a server that does not answer as Exchange should', () => {
  beforeAll(startAnew);

  test.concurrent('one that nobody reaches is told, and Check again works once it listens', async () => {
    const port = await freePort();
    const seen = await stage.checkProfile('ada', { serverLocation: `https://127.0.0.1:${port}/EWS/Exchange.asmx` });
    expect(seen.text).toContain('The server refused the connection');
    expect(seen.text).toContain('firewall');
    const server = await neighbour({ port });
    expect(wordsOf(await stage.press('ada', personal, 'profile.check'))).toContain('Checking the connection');
    const review = await stage.journey.see('ada', personal, ({ buttons }) => buttons.includes('Save'), 'the review');
    expect(review.text).toContain('Connection works');
    expect(server.signIns().length).toBeGreaterThan(0);
    expect(server.signIns().every(({ outcome }) => outcome === 'accepted')).toBe(true);
  });

  test.concurrent('one without Basic is told with the cmdlet, and gets no credential', async () => {
    const server = await neighbour({ schemes: ['Negotiate', 'NTLM'] });
    const seen = await stage.checkProfile('ben', { serverLocation: server.ews });
    expect(seen.text).toContain('The server does not offer Basic sign-in');
    expect(seen.text).toContain('Negotiate, NTLM');
    expect(seen.text).toContain('Set-WebServicesVirtualDirectory');
    expect(seen.text).toContain('BasicAuthentication $true');
    expect(server.signIns()).toEqual([]);
  });

  test.concurrent('one without EWS at this path is told where to look the path up', async () => {
    const serverLocation = stage.world.ewsUrl.replace('/EWS/Exchange.asmx', '/owa/');
    const seen = await stage.checkProfile('cleo', { serverLocation });
    expect(seen.text).toContain('There is no EWS at this address');
    expect(seen.text).toContain('Get-WebServicesVirtualDirectory');
  });
});
