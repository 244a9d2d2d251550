import type { DraftStep, ProfileDraft } from '../services/model/draft.ts';
import type { Say } from './card-text.ts';

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
  return say('draft.step', { step: steps.indexOf(step) + 1, total: steps.length });
}
