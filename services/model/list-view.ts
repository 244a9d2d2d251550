/** A list that somebody looks at: its filter and page live on the server, the card carries only the id. */
export interface ListView {
  readonly environmentId: string;
  readonly id: string;
  readonly actorId: string;
  readonly filter: string;
  readonly page: number;
  /** Of a list that grows at its beginning (the history): the number of entries when it was opened, so that pages stay. */
  readonly upTo?: number;
  readonly createdAt: number;
  readonly revision: number;
}

export const listPageSize = 10;
/** Rows of alerts say more than others: ten of them with long names would outgrow a card. */
export const alertsPageSize = 8;
