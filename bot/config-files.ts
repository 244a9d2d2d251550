import { z } from 'zod';
import { isLoopbackHost } from './loopback.ts';

/**
 * Where files of chats come from, beside the hosts of Teams: a stand-in on this machine, for the sandbox. No setting makes
 * Mailroom fetch files from anywhere else.
 */
export const fileVariables = {
  MAILROOM_FILES: z
    .string()
    .trim()
    .refine(
      (text) => originOf(text) !== null,
      'must be an address on this machine such as http://127.0.0.1:8080, without a path',
    )
    .transform((text) => originOf(text) ?? '')
    .optional(),
};

function originOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, origin, href } = new URL(text);
  const isBare = href === `${origin}/`;
  return isBare && (protocol === 'http:' || protocol === 'https:') && isLoopbackHost(hostname) ? origin : null;
}
