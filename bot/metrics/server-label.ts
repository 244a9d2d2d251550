/** More servers than an organization has. Prometheus keeps a series for each one for weeks. */
const mostServers = 32;

/** Prometheus' own limit for a value is far above; a host name has at most 253 characters and then its port. */
const longest = 260;

/**
 * The label of a server, `mail.contoso.com:443` or `autodiscover:contoso.com`: the first ones have their name, all beyond
 * share `other`. People type addresses of servers, and none of them may make the metrics grow without end.
 */
export function createServerLabel(most: number = mostServers): (server: string) => string {
  const known = new Set<string>();
  return (server) => {
    const name = server.toLowerCase().slice(0, longest);
    if (!known.has(name) && known.size < most) known.add(name);
    return known.has(name) ? name : 'other';
  };
}
