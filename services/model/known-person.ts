/** Somebody whom the roster of Teams vouched for when they were last seen: how an address becomes a person, and a person a reader of a card. */
export interface KnownPerson {
  readonly environmentId: string;
  readonly aadObjectId: string;
  /** Id of the person for this bot (`29:…`), which a card's `refresh.userIds` needs; null: not seen yet. */
  readonly teamsId: string | null;
  /** Sign-in name (UPN) in lower case; null: the roster had none. */
  readonly account: string | null;
  readonly name: string;
  readonly seenAt: number;
}
