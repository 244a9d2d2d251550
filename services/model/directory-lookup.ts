import type { DirectoryEntry } from './directory.ts';
import type { Fault } from './fault.ts';

/**
 * How a look-up in the address book stands. `asking-profile`: several profiles lead to an Exchange; `choosing`: several
 * entries have the name; `failed`: a fault of the server, or a problem of what was asked for.
 */
export type LookupState = 'asking-profile' | 'working' | 'choosing' | 'failed' | 'done' | 'cancelled';

/** Why a look-up came to nothing although the server answered: a key of the card's sentences. */
export type LookupProblem =
  | 'nothing-found'
  | 'no-members'
  | 'too-many'
  | 'too-many-groups'
  | 'no-list'
  /** Whoever signs in with a token has to ask as a mailbox, and none of this profile is known to work. */
  | 'needs-mailbox';

/** A name or a list of which the mailboxes are sought, for an import: work in the background, with a card that shows it. */
export interface DirectoryLookup {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly conversationId: string;
  /** As it was typed. */
  readonly query: string;
  readonly state: LookupState;
  /** Null while it is asked for. */
  readonly profileId: string | null;
  /** Entries to choose from, in the server's order; the card names them by their place. */
  readonly choices: readonly DirectoryEntry[];
  /** There are more than these. */
  readonly hasMore: boolean;
  /** What was chosen; null: the name has to be resolved. */
  readonly target: DirectoryEntry | null;
  readonly progress: LookupProgress;
  readonly fault: Fault | null;
  readonly problem: LookupProblem | null;
  /** The dry run that came of it. */
  readonly batchId: string | null;
  readonly createdAt: number;
  readonly revision: number;
}

export interface LookupProgress {
  /** Lists that were opened. */
  readonly groups: number;
  /** Members found in them, each once. */
  readonly members: number;
}

/** Of what a person types; Exchange takes no longer names. */
export const longestQuery = 200;
/** Lists that one import opens, and how deep they may lie in each other: more is a mistake, or an attack. */
export const lookupLimits = { groups: 500, depth: 20 } as const;
/** Entries that a card offers. */
export const mostChoices = 25;

/** True once nothing more will come of it. */
export const isLookupOver = ({ state }: Pick<DirectoryLookup, 'state'>): boolean =>
  state === 'done' || state === 'cancelled';
