import { runbookCard } from '../../cards/runbook-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { keepRunbookNote, readRunbook } from '../../services/alerts/runbook.ts';
import { cardContext } from '../card-context.ts';
import type { CardAction } from '../turn-input.ts';

/** The runbook opens below: the alert that it was opened from stays. */
export const runbookActions = {
  'runbook.show': async (input, data) => {
    const { services, environmentId } = input;
    return { below: runbookCard(await readRunbook(services.store, environmentId, data.id), cardContext(input)) };
  },
  'runbook.save': async (input, { id, revision, inputs }) => {
    const { services, environmentId, actor } = input;
    const typed = { text: inputs['text'] ?? '', link: inputs['link'] ?? '' };
    const kept = await keepRunbookNote(services, environmentId, actor, id, typed, revision);
    const entry = await readRunbook(services.store, environmentId, id);
    if (kept.kind === 'kept') return runbookCard(entry, cardContext(input));
    const problem = kept.kind === 'stale' ? 'stale' : kept.problem;
    // A name or password of an address is shown to nobody again, also not to whoever typed it.
    const link = problem === 'link-with-password' ? '' : typed.link;
    return runbookCard({ ...entry, typed: { ...typed, link, problem } }, cardContext(input));
  },
} satisfies Partial<Record<Verb, CardAction>>;
