import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkOf, type SeenCard } from '../../sandbox/journey.ts';
import { readActions } from '../../sandbox/teams/card-reading.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { actionOf, hasLink, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;
const general = 'General';

beforeAll(async () => {
  const { ada, ben } = OBJECT_IDS;
  stage = await Stage.open({ environment: { MAILROOM_ADMINS: `${ada},${ben}` } });
});
afterAll(() => stage?.close());

/** What a form shows in its fields, as if the person had left them alone. */
function valuesOn({ card }: SeenCard): Record<string, string | undefined> {
  const inputs = actionOf(card, 'profile.answer')?.inputs ?? [];
  return Object.fromEntries(inputs.map(({ id, initial }) => [id, initial]));
}

/** Waits for the form of a draft and reads its fields. */
async function formOf(who: string, where = personal): Promise<Record<string, string | undefined>> {
  return valuesOn((await stage.find(who, where, 'profile.answer')).seen);
}

describe.each(['stop', 'kill'] as const)('a restart (%s) in mid-dialog', (how) => {
  test('goes on at every step with all values kept', async () => {
    const name = `After a ${how}`;
    await stage.startProfile('ada');
    await stage.restart(how);

    // Step 1, nothing answered yet: the dialog still listens, and the form still works.
    expect(await stage.ask('ada', personal, 'hello?')).toContain('Fill in the card and choose Continue');
    const wrong = stage.details({ name, serverLocation: 'http://mail.contoso.test/EWS' });
    expect(wordsOf(await stage.press('ada', personal, 'profile.answer', wrong))).toContain('must begin with https://');
    await stage.restart(how);

    // Step 1 with an error: what was typed is still there.
    expect(await stage.ask('ada', personal, 'create profile')).toContain('we go on with it');
    await stage.journey.see('ada', personal, (seen) => valuesOn(seen)['name'] === name, 'her values');
    expect(await formOf('ada')).toEqual(wrong);
    await stage.press('ada', personal, 'profile.answer', stage.details({ name }));
    await stage.restart(how);

    // Step 2, the link: the one that was sent before works after.
    expect(await stage.ask('ada', personal, 'hunter2')).toContain('Passwords only go into the form');
    const code = await stage.enterPassword('ada', undefined, name);
    await stage.restart(how);

    // Step 2, parked: the code is typed into the chat this time.
    await stage.ask('ada', personal, code);
    await stage.restart(how);

    // Step 3, checking: it goes on by itself, and signs in anew only because the process died.
    const review = await stage.journey.see(
      'ada',
      personal,
      ({ text, buttons }) => buttons.includes('Save') && text.includes(name),
      'the review',
    );
    expect(review.text).toContain('svc-mailroom@contoso.test');
    await stage.restart(how);

    // Step 4, review.
    expect(wordsOf(await stage.press('ada', personal, 'profile.save'))).toContain('The profile is saved');
    expect(await stage.ask('ada', personal, `profile ${name}`)).toContain('Active');
    expect(await stage.ask('ada', personal, 'back')).toContain('There is nothing to cancel');
    expect(stage.world.exchange.signIns().every(({ outcome }) => outcome === 'accepted')).toBe(true);
  });
});

describe('in one conversation', () => {
  test('back keeps the values, and another command in between disturbs nothing', async () => {
    const details = stage.details({ name: 'Back and forth', isDefault: 'false' });
    const { id } = await stage.startProfile('ada');
    await stage.pressOn('ada', id, 'profile.answer', details);
    await stage.journey.see('ada', personal, ({ card }) => hasLink(card), 'the link');
    expect(await stage.ask('ada', personal, 'profiles')).toContain('After a kill');
    expect(await stage.ask('ada', personal, 'help')).toContain('What you can do here');
    await stage.ask('ada', personal, 'back');
    await stage.journey.see('ada', personal, (seen) => valuesOn(seen)['name'] === 'Back and forth', 'her values');
    expect(await formOf('ada')).toEqual(details);
    expect(await stage.ask('ada', personal, 'back')).toContain('This is the first step');
    expect(await stage.ask('ada', personal, 'cancel')).toContain('Nothing was saved, and nothing secret is kept.');
    expect(await stage.ask('ada', personal, 'cancel')).toContain('There is nothing to cancel');
  });

  test('cancel destroys a password that was parked, and its link', async () => {
    const { id } = await stage.startProfile('ada');
    await stage.pressOn('ada', id, 'profile.answer', stage.details({ name: 'Given up' }));
    const { card } = await stage.journey.see(
      'ada',
      personal,
      ({ card, text }) => hasLink(card) && text.includes('Given up'),
      'the link',
    );
    const link = linkOf(card);
    const code = await stage.postPassword(link, 'a-password-given-up');
    const before = await stage.lookIntoStore((store) => store.count('credential', {}));
    expect(await stage.ask('ada', personal, 'cancel')).toContain('nothing secret is kept');
    expect(await stage.ask('ada', personal, code)).toContain('I do not know');
    expect((await fetch(link)).status).toBe(410);
    const after = await stage.lookIntoStore((store) => store.count('credential', {}));
    expect([before, after]).toEqual([before, before - 1]);
    expect(stage.world.exchange.signIns().every(({ outcome }) => outcome === 'accepted')).toBe(true);
  });

  test('three wrong codes throw the password away', async () => {
    const { id } = await stage.startProfile('ada');
    await stage.pressOn('ada', id, 'profile.answer', stage.details({ name: 'Guessed' }));
    const code = await stage.enterPassword('ada', undefined, 'Guessed');
    const wrong = code === '0000' ? '0001' : '0000';
    expect(await stage.ask('ada', personal, wrong)).toContain('You have 2 more tries');
    expect(wordsOf(await stage.press('ada', personal, 'profile.confirm-code', { code: wrong }))).toContain(
      'You have one more try',
    );
    expect(await stage.ask('ada', personal, wrong)).toContain('I threw away what you had sent');
    expect(await stage.ask('ada', personal, code)).not.toContain('checking');
    expect(await stage.ask('ada', personal, 'cancel')).toContain('Cancelled');
  });

  test('two people in one channel do not meet, and the link stands in the 1:1 chats alone', async () => {
    const drafts = new Map<string, { id: string; messageId: string }>();
    for (const who of ['ada', 'ben']) {
      await stage.ask(who, general, 'create profile');
      const known = [...drafts.values()].map(({ id }) => id);
      const seen = await stage.journey.see(
        who,
        general,
        ({ card }) => {
          const id = actionOf(card, 'profile.answer')?.data['id'];
          return typeof id === 'string' && !known.includes(id);
        },
        'a form of their own',
      );
      drafts.set(who, { id: String(actionOf(seen.card, 'profile.answer')?.data['id']), messageId: seen.message.id });
    }
    const messageOf = (who: string): string => drafts.get(who)?.messageId ?? '';

    // Ben fills in the form of Ada, and then his own.
    const foreign = await stage.pressOn('ben', messageOf('ada'), 'profile.answer', stage.details({ name: 'Stolen' }));
    expect(wordsOf(foreign)).toContain('Ada Admin is creating this profile');
    await stage.pressOn('ben', messageOf('ben'), 'profile.answer', stage.details({ name: 'By Ben' }));
    await stage.pressOn('ada', messageOf('ada'), 'profile.answer', stage.details({ name: 'By Ada' }));

    for (const [who, name] of [
      ['ada', 'By Ada'],
      ['ben', 'By Ben'],
    ] as const) {
      const mine = await stage.journey.see(
        who,
        personal,
        ({ card, text }) => hasLink(card) && text.includes(name),
        name,
      );
      expect(mine.text).not.toContain(name === 'By Ada' ? 'By Ben' : 'By Ada');
    }
    for (const who of ['ada', 'ben', 'cleo']) {
      for (const { card } of stage.journey.cards(who, general)) {
        expect(readActions(card).filter(({ type }) => type === 'Action.OpenUrl')).toEqual([]);
        expect(JSON.stringify(card)).not.toContain('/secrets/');
      }
    }
    // What is typed goes to the one who typed it, in whatever thread.
    expect(await stage.ask('ben', general, 'cancel')).toContain('Cancelled');
    expect(await stage.ask('ada', general, 'something')).toContain('Passwords only go into the form');
    expect(await stage.ask('ada', general, 'cancel')).toContain('Cancelled');
  });
});
