import { parseArgs } from 'node:util';
import { Journey, linkOf, type SeenCard } from './journey.ts';
import { csvOf, startWorld } from './world.ts';

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly saw: string;
  /** Actions of people up to here. */
  readonly actions: number;
  readonly ms: number;
}

// The main job by itself, authenticated as in production. Each step is checked against what Exchange and Teams received.
const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const steps: Step[] = [];
const world = await startWorld();
const journey = new Journey(world);
const startedAt = Date.now();

async function step(name: string, work: () => Promise<string>): Promise<void> {
  const before = Date.now();
  let ok = true;
  let saw: string;
  try {
    saw = await work();
  } catch (error) {
    ok = false;
    saw = error instanceof Error ? error.message : String(error);
  }
  const done: Step = { name, ok, saw, actions: journey.actions, ms: Date.now() - before };
  steps.push(done);
  if (!flags.json) process.stdout.write(`${ok ? '✓' : '✗'} ${name}: ${saw} (${done.ms} ms)\n`);
  if (!ok) throw new StoryOver();
}

class StoryOver extends Error {}

function expect(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

const good = world.mailboxes.filter(({ trouble }) => trouble?.persists !== true);
const troubled = world.mailboxes.filter(({ trouble }) => trouble?.persists === true);
const approvals = 'Mailroom approvals';
const alerts = 'Mailroom alerts';
const personal = 'personal';
const bot = await world.startBot();
let actionsToEnabled = 0;

try {
  await world.teams.installs.installEverywhere('ada');
  await step('Ada starts a profile', async () => {
    await journey.say('ada', personal, 'create profile');
    const { buttons } = await journey.see(
      'ada',
      personal,
      ({ buttons }) => buttons.includes('Continue'),
      'the first step',
    );
    return `a card with ${buttons.join(', ')}`;
  });
  await step('she fills in the server and the account', async () => {
    await journey.click(
      'ada',
      personal,
      { verb: 'profile.answer' },
      {
        name: 'Contoso on-premises',
        isDefault: 'true',
        serverLocation: world.ewsUrl,
        userName: world.exchange.serviceAccount.principalName,
        probeAddress: good[0]?.address ?? '',
      },
    );
    await journey.see('ada', personal, ({ card }) => hasLink(card), 'the link of the password form');
    return 'a link to the one-time form, in her 1:1 chat only';
  });
  let code = '';
  await step('she enters the password in the form', async () => {
    const { card } = await journey.see('ada', personal, ({ card }) => hasLink(card), 'the link');
    const { status, page } = await journey.postForm(linkOf(card), { password: world.exchange.serviceAccount.password });
    code = /\b(\d{4})\b/.exec(page.replaceAll(/<style[\s\S]*?<\/style>/g, ''))?.[1] ?? '';
    expect(status === 200 && code !== '', `the form answered ${status} without a code`);
    expect(world.exchange.signIns().length === 0, 'Exchange was contacted before the code was confirmed');
    return 'a four-digit code on the page; Exchange not contacted yet';
  });
  await step('she confirms the code and the connection is checked', async () => {
    await journey.click('ada', personal, { verb: 'profile.confirm-code' }, { code });
    const { text } = await journey.see('ada', personal, ({ buttons }) => buttons.includes('Save'), 'the review');
    const accepted = world.exchange.signIns().filter(({ outcome }) => outcome === 'accepted');
    expect(accepted.length >= 1, 'Exchange saw no sign-in');
    expect(/2019/.test(text), 'the review does not name the server');
    const impersonated = world.exchange.requests().filter(({ mailbox }) => mailbox === good[0]?.address);
    expect(impersonated.length > 0, 'no mailbox was impersonated');
    return `signed in once, Exchange 2019 recognised, ${good[0]?.address} impersonated`;
  });
  await step('she saves', async () => {
    await journey.click('ada', personal, { verb: 'profile.save' });
    await journey.see('ada', personal, ({ buttons }) => buttons.includes('Import mailboxes'), 'the saved profile');
    return 'the profile is saved and is the default';
  });
  await step('approval cards go to the approvals channel', async () => {
    await journey.say('ada', approvals, 'approvers here');
    return (await journey.hear('ada', approvals, /Approval cards come/)).slice(0, 60);
  });
  await step('alerts go to the alerts channel', async () => {
    await journey.say('ada', alerts, 'subscribe');
    const comes = ({ text }: SeenCard): boolean => /come to this conversation/.test(text);
    const { text } = await journey.see('ada', alerts, comes, 'what comes here');
    return text.split('\n').find((line) => line.includes('come to this conversation')) ?? '';
  });
  await step('she pastes 200 mailboxes', async () => {
    await journey.say('ada', personal, `import mailboxes\n${csvOf(world.mailboxes)}`);
    const { text } = await journey.see(
      'ada',
      personal,
      ({ card }) => JSON.stringify(card).includes('import.confirm'),
      'the dry run',
    );
    expect(/200/.test(text), 'the dry run does not count 200');
    return 'a dry run: 200 new, none refused';
  });
  await step('she imports them', async () => {
    await journey.click('ada', personal, { verb: 'import.confirm' }, { testWhenApproved: 'true' });
    await journey.see(
      'ben',
      approvals,
      ({ card }) => JSON.stringify(card).includes('approval.approve-all'),
      'the approval card',
    );
    const cards = journey.cards('ben', approvals).length;
    expect(cards === 1, `${cards} cards in the approvals channel instead of one`);
    return 'one approval card for all of them';
  });
  await step('Ben approves all, and the test begins', async () => {
    await journey.click('ben', approvals, { verb: 'approval.approve-all' });
    // Many are asked about once more, bound to those that were counted.
    await journey.click('ben', approvals, { verb: 'approval.confirm-all' });
    await journey.see(
      'ada',
      personal,
      ({ card }) => /run\.(cancel|retest-failed)/.test(JSON.stringify(card)),
      'the run card',
    );
    const live = journey
      .cards('ada', approvals)
      .filter(({ card }) => JSON.stringify(card).includes('approval.approve-all'));
    await world.teams.waitFor(
      () => journey.cards('ada', approvals).every(({ card }) => !JSON.stringify(card).includes('approval.approve-all')),
      {
        timeoutMs: 15_000,
        what: 'every copy of the approval card changes',
      },
    );
    return `two clicks for 200 mailboxes; ${live.length === 0 ? 'no' : 'no more'} buttons on any copy`;
  });
  await step('188 mailboxes are enabled, 12 have their own trouble', async () => {
    const { text } = await journey.see(
      'ada',
      personal,
      ({ card }) => JSON.stringify(card).includes('run.retest-failed'),
      'the finished run',
      120_000,
    );
    const delivered = new Set(world.exchange.mail().map(({ mailbox }) => mailbox));
    const withoutMail = good.filter(({ address }) => !delivered.has(address));
    // Those whose trouble passes by itself get their message with a later try.
    await world.teams.waitFor(
      () => good.every(({ address }) => world.exchange.mail().some(({ mailbox }) => mailbox === address)),
      {
        timeoutMs: 120_000,
        what: 'a test message for each good mailbox',
      },
    );
    actionsToEnabled = journey.actions;
    return `${text.match(/\d+ of \d+[^\n]*/)?.[0] ?? ''}; test messages delivered to all ${good.length} good mailboxes, ${withoutMail.length} of them by a retry`;
  });
  await step('one alert card a cause, with the next step', async () => {
    const codes = new Set(troubled.map(({ trouble }) => trouble?.code));
    await world.teams.waitFor(() => incidentCards().length >= codes.size, {
      timeoutMs: 120_000,
      what: `${codes.size} alert cards`,
    });
    return `${incidentCards().length} alert cards in the channel, for ${troubled.length} mailboxes`;
  });
  await step('the causes are mended, Ada retests, and all 200 work', async () => {
    world.exchange.setFaults([]);
    await journey.say('ada', personal, 'test status:failure');
    await journey.click('ada', personal, { verb: 'bulk.confirm' });
    await world.teams.waitFor(() => incidentCards().every(isSolved), {
      timeoutMs: 120_000,
      what: 'all alerts resolved',
    });
    expect(
      world.mailboxes.every(({ address }) => world.exchange.mail().some(({ mailbox }) => mailbox === address)),
      'not every mailbox got its test message',
    );
    return 'every alert card says that it is resolved';
  });
  await step('the password stands nowhere', async () => {
    const seen = JSON.stringify([
      world.teams.log.entries,
      [...world.teams.state.messages.values()].map(({ versions }) => versions),
    ]);
    expect(!seen.includes(world.exchange.serviceAccount.password), 'the password is in an activity');
    expect(!bot.output().includes(world.exchange.serviceAccount.password), 'the password is in the log');
    return 'not in any activity, card or log line';
  });
} catch (error) {
  if (!(error instanceof StoryOver)) throw error;
  if (!flags.json)
    process.stdout.write(
      `${bot.output().slice(-6000)}\n${JSON.stringify(world.teams.state.notices.slice(-5))}\n${journey
        .cards('ada', personal)
        .map((c) => c.text)
        .join('\n---\n')
        .slice(-3000)}\n`,
    );
} finally {
  await bot.stop();
  await world.close();
}

const ok = steps.every((done) => done.ok) && actionsToEnabled <= 12;
const result = {
  ok,
  actionsToEnabled,
  actions: journey.actions,
  mailboxes: world.mailboxes.length,
  ms: Date.now() - startedAt,
};
if (flags.json) process.stdout.write(`${JSON.stringify({ ...result, steps })}\n`);
else
  process.stdout.write(
    `${ok ? 'The story holds' : 'The story broke'}: ${actionsToEnabled} actions of people from nothing to enabled mailboxes, ${result.actions} in all\n`,
  );
process.exitCode = ok ? 0 : 1;

function hasLink(card: unknown): boolean {
  return JSON.stringify(card).includes('Action.OpenUrl');
}

function incidentCards(): SeenCard[] {
  return journey
    .cards('ada', alerts)
    .filter((seen) => JSON.stringify(seen.card).includes('incident.') || isSolved(seen));
}

/** Buttons of an alert that is open speak of its end too. */
function isSolved({ text }: SeenCard): boolean {
  return text.includes('Solved after');
}
