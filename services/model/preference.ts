/** What a person chose for everything that goes to them; nobody who chose nothing has one. */
export interface Preference {
  readonly environmentId: string;
  /** Entra object id. */
  readonly aadObjectId: string;
  /** Code of a language, such as `de`. */
  readonly language: string;
  readonly revision: number;
}
