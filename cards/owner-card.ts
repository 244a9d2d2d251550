import { actorOf, type OwnerActor } from '../services/model/owner-matter.ts';
import type { OwnerView } from '../services/model/owner-view.ts';
import { cardButtons, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import template from './templates/owner.json' with { type: 'json' };

/**
 * The mailboxes of its reader, in the words of somebody who runs none of it: what happened, since when, and who has to act.
 * There is one such card a person, however many mailboxes they have; it names no server, no account and nobody else's mailbox.
 */
export function ownerCard(view: OwnerView, context: CardContext): CardView {
  const say = speaker(context);
  const { failing, troubles, working, others, sample, account } = view;
  const isFailing = failing > 0;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('owner.title'),
        stateWord(view, say),
        account === null ? undefined : say('owner.subtitle', { account: plainText(account) }),
      ),
      text: textOf(view, context),
      rows: troubles.map((trouble) => rowOf(trouble, say)),
      more: remark(failing > troubles.length ? say('more', { count: failing - troubles.length }) : null),
      sample: isFailing ? [] : sampleLines(say, sample, working > 0 ? working : others),
      facts: cardFacts([
        [say('owner.fact.working'), isFailing && working > 0 ? say('owner.count', { count: working }) : null],
        [
          say('owner.fact.others'),
          others > 0 && (isFailing || working > 0) ? say('owner.count', { count: others }) : null,
        ],
        [say('owner.fact.messages'), view.isMuted ? say('owner.muted') : null],
      ]),
      next: nextStep(context, nextOf(view, say)),
      actions: cardButtons(context, buttons(view, say)),
    },
    summaryOf(view, context),
    context,
  );
}

function stateWord({ failing, troubles, working, others }: OwnerView, say: Say): StateWord {
  if (failing > 0) {
    const isError = troubles.some(({ level }) => level === 'error');
    return isError
      ? { text: say('owner.word.failing', { count: failing }), color: 'Attention' }
      : { text: say('owner.word.passing', { count: failing }), color: 'Warning' };
  }
  if (working > 0) return { text: say('owner.word.works'), color: 'Good' };
  return { text: say(others > 0 ? 'owner.word.unused' : 'owner.word.none'), color: 'Default' };
}

function textOf(view: OwnerView, context: CardContext): string {
  const say = speaker(context);
  const { failing, working, others, news } = view;
  if (failing > 0) return say('owner.text.failing', { count: failing });
  if (news?.kind === 'over')
    return say('owner.text.over', { duration: timeBetween(context, news.since, news.at), date: localTime(news.at) });
  if (working > 0) return say('owner.text.works', { count: working });
  return say(others > 0 ? 'owner.text.unused' : 'owner.text.none', { count: others });
}

function rowOf({ address, matter, level, directions, since }: OwnerView['troubles'][number], say: Say): object {
  const parts = directions.map((direction) => say(`owner.part.${direction}`)).join(', ');
  const actor = actorOf(matter, level);
  return {
    address: plainText(address),
    what: say(`owner.what.${matter}`),
    since: say('owner.since', { date: localTime(since), parts }),
    state: say(`owner.actor.${actor}`),
    color: level === 'error' ? 'Attention' : 'Warning',
  };
}

/** What the reader can do comes first; else who does it. */
const actors: readonly OwnerActor[] = ['you', 'approver', 'admin', 'nobody'];

function nextOf({ failing, troubles, working, others, account }: OwnerView, say: Say): string {
  if (failing === 0) {
    if (working > 0) return say('owner.next.works');
    if (others > 0) return say('owner.next.unused');
    return say(account === null ? 'owner.next.no-account' : 'owner.next.none');
  }
  const found = actors.find((actor) => troubles.some(({ matter, level }) => actorOf(matter, level) === actor));
  if (found !== 'you') return say(`owner.next.${found ?? 'nobody'}`);
  const own = troubles.filter(({ matter, level }) => actorOf(matter, level) === 'you');
  return [...new Set(own.map(({ matter }) => say(`owner.next.${matter}`)))].join(' ');
}

function buttons({ isMuted }: OwnerView, say: Say): Button[] {
  const button = (verb: Button['verb'], name: string): Button => ({
    verb,
    title: say(`button.${name}`),
    id: 'own',
    revision: 0,
  });
  return [
    button('owner.show', 'owner-show'),
    isMuted ? button('owner.unmute', 'owner-unmute') : button('owner.mute', 'owner-mute'),
  ];
}

function summaryOf(view: OwnerView, context: CardContext): string {
  const say = speaker(context);
  const { failing, working, others, news, troubles } = view;
  const [first] = troubles;
  if (first !== undefined) return say('owner.summary.failing', { count: failing, address: plainText(first.address) });
  if (news?.kind === 'over') return say('owner.summary.over', { duration: timeBetween(context, news.since, news.at) });
  if (working > 0) return say('owner.text.works', { count: working });
  return say(others > 0 ? 'owner.text.unused' : 'owner.text.none', { count: others });
}
