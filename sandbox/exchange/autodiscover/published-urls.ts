import type { PublishedUrls } from './settings.ts';

/** Where TLS is for a client that came by this Host header: a loopback name stays, any other becomes the public name. */
export function tlsOrigin(by: string, host: string, port: number): string {
  const [, name = ''] = /^(.*?)(?::\d+)?$/.exec(by.toLowerCase()) ?? [];
  const isLoopback = name === 'localhost' || name.startsWith('127.');
  return `https://${isLoopback ? name : host}${port === 443 ? '' : `:${port}`}`;
}

/** The EWS addresses to publish: those of the options, else one that this client can reach. */
export function publishedUrls(
  by: string,
  host: string,
  port: number,
  options: { readonly externalUrl?: string; readonly internalUrl?: string },
): PublishedUrls {
  const own = `${tlsOrigin(by, host, port)}/EWS/Exchange.asmx`;
  return { external: options.externalUrl ?? own, internal: options.internalUrl ?? own };
}
