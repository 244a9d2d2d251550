import { decodeId } from '../mailbox/ids.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { CONVERT_ID } from '../soap/request-shapes.ts';
import { child } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import type { Operation } from './operation.ts';

/**
 * Converts between the formats of an id. A client may put any address into Mailbox and read the true one from the
 * answer: that is how some find out whose mailbox they are in (shared facts, exchange.md §3).
 */
export const convertId: Operation = {
  shape: CONVERT_ID,
  onError: [],
  parts: (request) => child(request, 'SourceIds')?.children ?? [],
  answer(part, request, { mailbox }) {
    const format = part.attributes.get('Format') ?? '';
    const wanted = request.attributes.get('DestinationFormat') ?? '';
    if (part.name !== 'AlternateId') throw ewsMessageError('ErrorInvalidOperation');
    const id = toEwsId(part.attributes.get('Id') ?? '', format);
    // A made-up id is refused only where it would have to be understood, as a probe sends it unchanged.
    if (format !== wanted && !decodeId(id)) throw ewsMessageError('ErrorInvalidIdMalformed');
    const alternate = element('m:AlternateId', {
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'xsi:type': 't:AlternateIdType',
      Format: wanted,
      Id: fromEwsId(id, wanted),
      Mailbox: mailbox.address,
    });
    return { content: [alternate] };
  },
};

function toEwsId(id: string, format: string): string {
  if (format === 'HexEntryId') return Buffer.from(id, 'hex').toString('base64');
  if (format === 'OwaId') return id.replaceAll('-', '/').replaceAll('_', '+');
  return id;
}

function fromEwsId(id: string, format: string): string {
  if (format === 'HexEntryId') return Buffer.from(id, 'base64').toString('hex').toUpperCase();
  if (format === 'OwaId') return id.replaceAll('/', '-').replaceAll('+', '_');
  return id;
}
