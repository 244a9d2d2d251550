import type { Verb } from '../../cards/verbs.ts';
import { getIncident } from '../../services/alerts/handle-incident.ts';
import { cardContext } from '../card-context.ts';
import { renderIncident } from '../deliver/render-intent.ts';
import type { CardAction } from '../turn-input.ts';

/** Rows of a digest open below it: it stays for everybody who reads it. */
export const digestActions = {
  'digest.show-incident': async (input, data) => {
    const { value } = await getIncident(input.services.store, input.environmentId, data.id);
    return { below: await renderIncident(input.services, value, cardContext(input)) };
  },
} satisfies Partial<Record<Verb, CardAction>>;
