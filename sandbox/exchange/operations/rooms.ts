import { GET_ROOM_LISTS, GET_ROOMS } from '../soap/directory-shapes.ts';
import { ewsMessageError } from '../soap/ews-error.ts';
import { child, childText } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import type { WholeOperation } from './operation.ts';
import { wholeMessage } from './whole-message.ts';

/** The organization has no rooms, as a fresh one. */
export const getRoomLists: WholeOperation = {
  shape: GET_ROOM_LISTS,
  responseName: 'm:GetRoomListsResponse',
  respond: (_request, _context, refusal) => wholeMessage(refusal, () => [element('m:RoomLists')]),
};

/** A distribution list has people in it, no rooms. */
export const getRooms: WholeOperation = {
  shape: GET_ROOMS,
  responseName: 'm:GetRoomsResponse',
  respond: (request, { organization }, refusal) =>
    wholeMessage(refusal, () => {
      const address = childText(child(request, 'RoomList'), 'EmailAddress') ?? '';
      if (!organization.list(address)) throw ewsMessageError('ErrorNameResolutionNoResults');
      return [element('m:Rooms')];
    }),
};
