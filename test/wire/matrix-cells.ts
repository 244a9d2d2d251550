import {
  authentications,
  faults,
  products,
  type End,
  type MatrixAuthentication,
  type MatrixFault,
  type MatrixProduct,
} from './matrix-faults.ts';

export interface Cell {
  readonly name: string;
  /** Unique, and fit for an address. */
  readonly id: string;
  readonly product: MatrixProduct;
  readonly authentication: MatrixAuthentication;
  readonly usesAutodiscover: boolean;
  readonly fault: MatrixFault;
}

/** Why there is no such cell. */
export type Impossible =
  'OAuth has no Autodiscover' | 'Autodiscover is not asked' | 'a password has no token' | 'OAuth has no password';

export const allCells: readonly Cell[] = products.flatMap((product) =>
  authentications.flatMap((authentication) =>
    [false, true].flatMap((usesAutodiscover) =>
      faults.map((fault, index) => ({
        name: `${product} ${authentication} ${usesAutodiscover ? 'found' : 'typed'}: ${fault.at} ${fault.name}`,
        id: `${product}-${authentication}-${usesAutodiscover ? 'found' : 'typed'}-${index}`,
        product,
        authentication,
        usesAutodiscover,
        fault,
      })),
    ),
  ),
);

/** Null: the cell can be played. */
export function impossible({ authentication, usesAutodiscover, fault }: Cell): Impossible | null {
  const isOAuth = authentication === 'oauth';
  if (isOAuth && usesAutodiscover) return 'OAuth has no Autodiscover';
  if (fault.at === 'autodiscover' && !usesAutodiscover) return 'Autodiscover is not asked';
  if (['app', 'vault', 'login'].includes(fault.at) && !isOAuth) return 'a password has no token';
  return fault.at === 'password' && isOAuth ? 'OAuth has no password' : null;
}

export function expectedEnd({ product, authentication, usesAutodiscover, fault }: Cell): End {
  if (usesAutodiscover && fault.found !== undefined) return fault.found;
  const end = fault.is[authentication];
  // Exchange 2013 SP1 knows no tokens: whatever would be met after the offer, that is met first.
  const isBeforeOffer = ['app', 'vault', 'login'].includes(fault.at) ? end !== null : String(end).startsWith('Tls');
  if (product === '2013sp1' && authentication === 'oauth' && (!isBeforeOffer || end === 'OAuthTokenRefused')) {
    return 'HmaNotSupported';
  }
  return end;
}
