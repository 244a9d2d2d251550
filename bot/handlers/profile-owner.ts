import type { Verb } from '../../cards/verbs.ts';
import { takeOverProfile } from '../../services/profiles/take-over-profile.ts';
import type { CardAction } from '../turn-input.ts';
import { renderProfile } from './profile-commands.ts';

export const profileOwnerActions = {
  /** The profile as it is now; where the reader has just become its owner, with who was it before. */
  'profile.take-over': async (input, { id, revision }) => {
    const { services, environmentId, actor } = input;
    const { profile, ...former } = await takeOverProfile(services, environmentId, actor, id, revision);
    return renderProfile(input, profile, former);
  },
} satisfies Partial<Record<Verb, CardAction>>;
