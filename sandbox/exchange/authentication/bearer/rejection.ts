/**
 * Why a token was not taken, as Exchange counts it: 2000000 and the place of the category in its list. On record are
 * 2000001 and 2000003 (Microsoft's troubleshooting pages, CSS-Exchange) and 2000008 (shared facts, exchange.md §6.3); the
 * numbers between follow from them.
 */
const CATEGORIES = [
  'invalid_signature',
  'invalid_token',
  'token_expired',
  'invalid_resource',
  'invalid_tenant',
  'invalid_user',
  'invalid_client',
  'internal_error',
  'invalid_grant',
] as const;

export type TokenErrorCategory = (typeof CATEGORIES)[number];

export class TokenRejection extends Error {
  override readonly name = 'TokenRejection';
  readonly category: TokenErrorCategory;

  constructor(category: TokenErrorCategory, reason: string) {
    super(reason);
    this.category = category;
  }
}

/** Value of x-ms-diagnostics. */
export function diagnostics({ category, message }: TokenRejection): string {
  const reason = message.replace(/[^\x20-\x7e]|"/g, "'");
  return `${2_000_000 + CATEGORIES.indexOf(category)};reason="${reason}";error_category="${category}"`;
}
