import type { DraftStep, ProfileDraft } from '../services/model/draft.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/** Where a draft is among the steps that its values lead through: OAuth and Autodiscover add one each. */
export function draftProgress(say: Say, { step, values }: ProfileDraft): string {
  const isOAuth = values.authentication === 'oauth';
  const steps: readonly DraftStep[] = [
    'details',
    ...(isOAuth ? (['modern-auth'] as const) : []),
    'credential',
    ...(values.autodiscover === 'active' && !isOAuth ? (['finding'] as const) : []),
    'checking',
    'review',
  ];
  // The advanced settings are a way from the review and back to it, not a step more.
  const place = step === 'advanced' ? 'review' : step;
  return say('draft.step', { step: steps.indexOf(place) + 1, total: steps.length });
}

/** The line below a title whose state is a word: the step, and the profile as soon as it has a name. */
export function draftPlace(say: Say, draft: ProfileDraft): string {
  const step = draftProgress(say, draft);
  const name = plainText(draft.values.name);
  return name === '' ? step : say('draft.step-of-profile', { step, name });
}
