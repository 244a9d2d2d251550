import { faultText } from '../locales/fault-text.ts';
import { serverOfCause, type Incident } from '../services/model/alert.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import { levelWord } from './status-words.ts';
import template from './templates/incident.json' with { type: 'json' };

/**
 * One cause on one profile, or a server that is out of reach, however many mailboxes it hits: what it is, why, and what to
 * do. Of an outage nothing can be tested again: whoever asked would have the same answer.
 */
export function incidentCard(incident: Incident, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, open, level, resolvedAt, firstAt } = incident;
  const text = faultText(context.locale, incident.fault);
  const profile = plainText(incident.profileName);
  const subtitle = say('incident.subtitle', { profile });
  const isOutage = incident.waiting > 0;
  if (incident.state === 'resolved') {
    const duration = timeBetween(context, firstAt, resolvedAt ?? incident.lastAt);
    return renderTemplate(
      template,
      {
        header: cardHeader(text.title, { text: say('incident.resolved'), color: 'Good' }, subtitle),
        hits: say(serverOfCause(incident.causeId) !== null ? 'incident.outage-over' : 'incident.resolved-text', {
          duration,
        }),
        sample: [],
        cause: [],
        facts: cardFacts([
          [say('fact.since'), localTime(firstAt)],
          [say('fact.until'), localTime(resolvedAt ?? incident.lastAt)],
        ]),
        next: nextStep(context, say('incident.resolved-next')),
        actions: [],
      },
      say('incident.resolved-summary', { title: text.title, profile, duration }),
      context,
    );
  }
  return renderTemplate(
    template,
    {
      header: cardHeader(text.title, levelWord(say, level), subtitle),
      hits: say(isOutage ? 'incident.waiting' : 'incident.hits', { count: open }),
      sample: sampleLines(say, incident.sample, open),
      cause: [...remark(text.cause), ...remark(retriedText(incident, isOutage, say), 'Warning')],
      facts: cardFacts([
        [say('fact.since'), localTime(firstAt)],
        [say('fact.last-seen'), incident.lastAt > firstAt ? localTime(incident.lastAt) : null],
        [say('fact.code'), plainText(incident.fault.raw ?? incident.code, 60)],
      ]),
      next: nextStep(context, text.nextStep),
      actions: isOutage
        ? []
        : cardButtons(context, [
            {
              verb: 'incident.retest',
              title: say('button.retest-these', { count: open }),
              id,
              revision,
              style: 'positive',
            },
            { verb: 'incident.mailboxes', title: say('button.see-all', { count: open }), id, revision },
          ]),
    },
    say('incident.summary', { level: say(`level-word.${level}`), title: text.title, profile, count: open }),
    context,
  );
}

function retriedText({ level }: Incident, isOutage: boolean, say: Say): string | null {
  if (isOutage) return say('incident.outage');
  return level === 'warning' ? say('incident.retried') : null;
}
