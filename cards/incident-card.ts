import { faultText } from '../locales/fault-text.ts';
import type { Incident } from '../services/model/alert.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, timeBetween } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import { levelWord } from './status-words.ts';
import template from './templates/incident.json' with { type: 'json' };

/** One cause on one profile, however many mailboxes it hits: what it is, why, and what to do. */
export function incidentCard(incident: Incident, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, open, level, resolvedAt, firstAt } = incident;
  const text = faultText(context.locale, incident.fault);
  const profile = plainText(incident.profileName);
  const subtitle = say('incident.subtitle', { profile });
  if (incident.state === 'resolved') {
    const duration = timeBetween(context, firstAt, resolvedAt ?? incident.lastAt);
    return renderTemplate(
      template,
      {
        header: cardHeader(text.title, { text: say('incident.resolved'), color: 'Good' }, subtitle),
        hits: say('incident.resolved-text', { duration }),
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
      hits: say('incident.hits', { count: open }),
      sample: sampleLines(say, incident.sample, open),
      cause: [...remark(text.cause), ...remark(level === 'warning' ? say('incident.retried') : null, 'Warning')],
      facts: cardFacts([
        [say('fact.since'), localTime(firstAt)],
        [say('fact.last-seen'), incident.lastAt > firstAt ? localTime(incident.lastAt) : null],
        [say('fact.code'), plainText(incident.fault.raw ?? incident.code, 60)],
      ]),
      next: nextStep(context, text.nextStep),
      actions: cardButtons(context, [
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
