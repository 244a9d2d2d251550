/** Given and family names for the demo; every pair is used at most once. */
const GIVEN =
  'Amira Anton Beatriz Bogdan Chiara Daniel Elena Farid Greta Hiro Ines Jonas Katya Liam Mei Nadia Oskar Priya Rafael Sofia'.split(
    ' ',
  );
const FAMILY = 'Almeida Berg Costa Dubois Eriksen Fischer Garcia Haddad Ito Jansen Kowalski Lindqvist'.split(' ');

export interface Person {
  readonly displayName: string;
  /** `first.last` in lower case. */
  readonly local: string;
}

/** The first so many people, always the same; neighbours share neither name. */
export function people(count: number): readonly Person[] {
  if (count > GIVEN.length * FAMILY.length)
    throw new Error(`There are names for ${GIVEN.length * FAMILY.length} only.`);
  return Array.from({ length: count }, (_unused, index) => {
    const given = GIVEN[index % GIVEN.length] ?? '';
    // Five has no divisor in common with the number of family names, so no round repeats a pair.
    const round = Math.floor(index / GIVEN.length);
    const family = FAMILY[((index % GIVEN.length) + 5 * round) % FAMILY.length] ?? '';
    return { displayName: `${given} ${family}`, local: `${given}.${family}`.toLowerCase() };
  });
}
