import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from './crc-lines.ts';
import type { Disk } from './disk.ts';

/**
 * The files of a folder. `snapshot-N` holds everything before `journal-N`; a checkpoint starts journal N+1 and then
 * writes snapshot N+1. The highest snapshot counts, so that its appearance (one rename) is the whole switch. The snapshot
 * before and the journals between the two stay as `*.prev`: without the suffix they replace a damaged snapshot.
 */
export interface Generation {
  readonly snapshot: number;
  /** From `snapshot` on without a gap. */
  readonly journals: readonly number[];
}

interface NumberedFile {
  readonly name: string;
  readonly kind: 'snapshot' | 'journal';
  readonly number: number;
  readonly suffix: '' | '.prev' | '.new';
}

const pad = (number: number) => String(number).padStart(8, '0');
export const snapshotName = (number: number): string => `snapshot-${pad(number)}.ndjson`;
export const journalName = (number: number): string => `journal-${pad(number)}.ndjson`;

/**
 * Finds the files to load. Undefined: the store is new. Refuses with `store.damaged`, naming the file that is missing,
 * when there is something but not everything: an empty start would be the quietest way of losing it all.
 */
export async function findGeneration(disk: Disk, folder: string): Promise<Generation | undefined> {
  const current = (await numberedFiles(disk, folder)).filter((file) => file.suffix === '');
  const snapshot = Math.max(0, ...current.filter((file) => file.kind === 'snapshot').map((file) => file.number));
  if (snapshot === 0) {
    if (await isNew(disk, folder)) return undefined;
    throw damaged(join(folder, snapshotName(Math.max(1, ...current.map((file) => file.number)))), 0);
  }
  const numbers = current
    .filter((file) => file.kind === 'journal' && file.number >= snapshot)
    .map((file) => file.number);
  const journals = numbers.sort((a, b) => a - b);
  for (let wanted = snapshot; wanted < snapshot + Math.max(1, journals.length); wanted++)
    if (journals[wanted - snapshot] !== wanted) throw damaged(join(folder, journalName(wanted)), 0);
  return { snapshot, journals };
}

/** The first start makes journal 1 and then snapshot 1: a crash in between leaves an empty journal and nothing else. */
async function isNew(disk: Disk, folder: string): Promise<boolean> {
  const names = (await disk.list(folder)).filter((name) => /\.ndjson(\.prev)?$/.test(name));
  if (names.length === 0) return true;
  return names.length === 1 && names[0] === journalName(1) && (await stat(join(folder, journalName(1)))).size === 0;
}

/**
 * Sets the generation before this snapshot aside and deletes what is older. Decided by numbers alone, so that a crash
 * half-way is repaired by doing it again.
 */
export async function retireBefore(disk: Disk, folder: string, snapshot: number): Promise<void> {
  const files = await numberedFiles(disk, folder);
  const older = files.filter((file) => file.kind === 'snapshot' && file.number < snapshot && file.suffix !== '.new');
  const previous = Math.max(0, ...older.map((file) => file.number));
  for (const file of files) {
    const path = join(folder, file.name);
    if (file.suffix === '.new' || file.number < previous) await disk.remove(path);
    else if (file.number < snapshot && file.suffix === '') await disk.rename(path, `${path}.prev`);
  }
  await disk.syncFolder(folder);
}

async function numberedFiles(disk: Disk, folder: string): Promise<NumberedFile[]> {
  return (await disk.list(folder)).flatMap((name) => {
    const match = /^(snapshot|journal)-(\d{8})\.ndjson(\.prev|\.new)?$/.exec(name);
    if (match === null) return [];
    const kind = match[1] as NumberedFile['kind'];
    return [{ name, kind, number: Number(match[2]), suffix: (match[3] ?? '') as NumberedFile['suffix'] }];
  });
}
