import type { Activity } from 'botbuilder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { keyOf } from '../../services/storage/store.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, cleo, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

function say(
  text: string,
  person: Person = ada,
  where?: 'personal' | 'channel',
  { locale, ...more }: Partial<Activity> = {},
): Promise<Seen> {
  const adapter = stage.talk(person, where);
  // What the template has wins over what is sent.
  if (locale !== undefined) adapter.template.locale = locale;
  return send(adapter, { type: 'message', text, ...more });
}

const titles = ({ nodes }: Seen): unknown[] =>
  nodes.flatMap(({ type, title }) => (type === 'Action.Execute' ? [title] : []));

function click(seen: Seen, title: string, person: Person = ada, where?: 'personal' | 'channel'): Promise<Seen> {
  const button = seen.nodes.find((node) => node['type'] === 'Action.Execute' && node['title'] === title);
  if (button === undefined) throw new Error(`no button ${title}`);
  return send(stage.talk(person, where), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action: { type: 'Action.Execute', verb: button['verb'], data: button['data'] }, trigger: 'manual' },
  });
}

async function conversation(id: string): Promise<ConversationReference> {
  const found = await stage.services.store.get('conversation', keyOf(stage.environmentId, id));
  if (found === undefined) throw new Error(`no conversation ${id}`);
  return found.value;
}

const channel = '19:channel@thread.tacv2';

describe('the language of a person', () => {
  test('is that of Teams until one is chosen; then every answer is in it, in a channel too, and back again', async () => {
    expect((await say('profiles')).words).toContain('There is no profile yet');
    expect((await say('profiles', ada, 'personal', { locale: 'de-DE' })).words).toContain('Es gibt noch kein Profil');
    expect((await say('LANGUAGE  de')).words).toContain('Ab jetzt schreibe ich Ihnen in dieser Sprache: Deutsch');
    expect((await say('profiles')).words).toContain('Es gibt noch kein Profil');
    // Words of the command line, errors and notices as well.
    expect((await say('profile')).words).toContain('So wird er eingegeben: „profile NAME“');
    expect((await say('subscriptions')).words).toContain('Noch keine Unterhaltung');
    // A card that many share is in the language of its conversation.
    expect((await say('subscriptions', ada, 'channel')).words).toContain('No conversation receives anything yet');
    expect((await say('help profiles')).words).toContain('alle Serverprofile');
    // Nobody else's.
    expect((await say('profiles', ben)).words).toContain('There is no profile yet');
    expect((await say('language auto')).words).toContain('English');
    expect((await say('profiles')).words).toContain('There is no profile yet');
    expect(await stage.services.store.count('preference', {})).toBe(0);
  });

  test('is shown with the others as buttons, and a click changes it in place', async () => {
    const shown = await say('language');
    expect(shown.words).toContain('As in Teams: English');
    expect(titles(shown)).toEqual(['English', 'Deutsch']);
    const german = await click(shown, 'Deutsch');
    expect(german.words).toContain('In dieser Sprache schreibe ich Ihnen');
    expect(titles(german)).toEqual(['English', 'Wie in Teams']);
    // Twice is once.
    expect(titles(await click(shown, 'Deutsch'))).toEqual(['English', 'Wie in Teams']);
    const [preference] = await stage.services.store.query('preference', { limit: 2 });
    expect(preference?.value).toEqual({
      environmentId: stage.environmentId,
      aadObjectId: ada.aadObjectId,
      language: 'de',
      revision: 1,
    });
    expect(titles(await click(german, 'Wie in Teams'))).toEqual(['English', 'Deutsch']);
  });

  test('is none that there is not: refused with those that there are, and nothing is kept', async () => {
    for (const code of ['fr', 'de-DE', 'constructor', '__proto__', '[x](https://evil.example)', 'x'.repeat(3000)]) {
      const { words } = await say(`language ${code}`);
      expect(words).toContain('is no language that I speak. Type “language CODE” with one of: en, de, auto.');
      expect(words.length).toBeLessThan(250);
    }
    expect(await stage.services.store.count('preference', {})).toBe(0);
  });

  test('can be chosen by whoever has no role, in words', async () => {
    const shown = await say('language', cleo);
    expect(shown.words).toContain('with one of: en, de, auto');
    expect(shown.nodes).toEqual([]);
    expect((await say('language de', cleo)).words).toContain('Ab jetzt schreibe ich Ihnen');
    expect((await say('mailboxes', cleo)).words).toContain('Dafür fehlt Ihnen die Rolle');
  });

  test('is on the help card as a button that needs no other words', async () => {
    const help = await say('help');
    expect((await click(help, 'Change the language · Sprache ändern')).words).toContain('The answer is below');
  });

  test('is that of the cards that the outbox sends to the own chat later', async () => {
    await say('create profile');
    const [draft] = await stage.drafts();
    const [intent] =
      (await stage.services.store.query('intent', { where: { subjectId: draft?.id ?? '' }, limit: 1 })) ?? [];
    if (intent === undefined) throw new Error('no intent');
    const rendered = async (): Promise<string> => {
      const card = await renderIntent(stage.services, intent.value, await conversation(`a:${ada.id}`));
      return card === 'gone' ? card : card.summary;
    };
    expect(await rendered()).toContain('the details are needed');
    await say('language de');
    expect(await rendered()).toContain('Die Angaben fehlen noch');
  });
});

describe('the language of a channel', () => {
  test('is set by an admin alone, for the cards that all read; answers stay in the language of each', async () => {
    expect((await say('language de', ben, 'channel')).words).toContain(
      'Only an admin chooses the language of the cards',
    );
    expect((await conversation(channel)).language).toBeNull();
    expect((await say('language de', ada, 'channel')).words).toContain(
      'From now on the cards here are in this language: Deutsch',
    );
    expect((await say('profiles', ben, 'channel')).words).toContain('Es gibt noch kein Profil');
    expect((await say('profile', ben, 'channel')).words).toContain('Type it like this');
    // Nothing of a card is in another language than the rest of it.
    const help = (await say('help', ben, 'channel')).words;
    expect(help).toContain('Serverprofile\n');
    expect(help).not.toMatch(/Server profiles|all server profiles/i);
    expect((await say('profiles', ada)).words).toContain('There is no profile yet');
    const trail: unknown[] = [];
    for await (const entry of stage.services.store.readLog('audit'))
      trail.push([entry.kind, entry.actorId, entry.details]);
    expect(trail).toContainEqual([
      'conversation.language-set',
      ada.aadObjectId,
      { language: 'de', 'language.before': null },
    ]);
    expect((await say('language auto', ada, 'channel')).words).toContain('English');
    expect((await conversation(channel)).language).toBeNull();
  });

  test('does not change with every speaker: without a choice it is that of the first one seen there', async () => {
    await say('profiles', ada, 'channel', { locale: 'de-DE' });
    await say('profiles', ben, 'channel', { locale: 'en-GB' });
    expect((await conversation(channel)).locale).toBe('de-DE');
    expect((await say('profiles', ben, 'channel', { locale: 'en-GB' })).words).toContain('Es gibt noch kein Profil');
  });

  test('has buttons that the server checks like the words', async () => {
    const shown = await say('language', ben, 'channel');
    expect((await click(shown, 'Deutsch', ben, 'channel')).words).toContain('Only an admin chooses');
    expect((await click(shown, 'Deutsch', ada, 'channel')).words).toContain('In dieser Sprache sind die Karten');
  });
});

describe('the time zone of a person', () => {
  test('is what the client says, in either place, and stays when an activity says nothing', async () => {
    await say('help', ada, 'personal', { localTimezone: 'Europe/Berlin' });
    expect((await conversation(`a:${ada.id}`)).timeZone).toBe('Europe/Berlin');
    await say('help');
    expect((await conversation(`a:${ada.id}`)).timeZone).toBe('Europe/Berlin');
    await say('help', ada, 'personal', { entities: [{ type: 'clientInfo', timezone: 'America/New_York' }] });
    expect((await conversation(`a:${ada.id}`)).timeZone).toBe('America/New_York');
  });

  test('is none where it is no time zone, and none of a conversation that many share', async () => {
    for (const localTimezone of ['Mars/Olympus', '../../etc/passwd', '+02:00', 'x'.repeat(10_000)])
      await say('help', ada, 'personal', { localTimezone });
    expect((await conversation(`a:${ada.id}`)).timeZone).toBeNull();
    await say('help', ada, 'channel', { localTimezone: 'Europe/Berlin' });
    expect((await conversation(channel)).timeZone).toBeNull();
  });
});
