import { basename } from 'node:path';
import { localDisk, type Disk, type DiskFile } from '../../services/storage/disk.ts';

export interface BreakingDisk extends Disk {
  /** Calls that reached the disk, as `sync journal-00000001.ndjson`. */
  readonly calls: string[];
  /**
   * From now on this many calls succeed and later ones fail: all of them, like a disk that goes away or a process that
   * dies, or only so many.
   */
  breakAfter(succeeding: number, failing?: number): void;
  /** Everything waits here from now on; gives the way to let it go on. */
  hold(): () => void;
}

/** The real disk with a switch. An append that fails has written half of its text before. */
export function breakingDisk(): BreakingDisk {
  const calls: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  let failures = 0;
  let gate = Promise.resolve();

  const guard = async <T>(name: string, path: string, call: () => Promise<T>, whenBroken?: () => Promise<unknown>) => {
    await gate;
    calls.push(`${name} ${basename(path)}`);
    if (left-- > 0 || failures-- <= 0) return call();
    await whenBroken?.();
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  };
  const breaking = (path: string, file: DiskFile): DiskFile => {
    let broken = false;
    return {
      append: (text) =>
        guard(
          'append',
          path,
          () => file.append(text),
          async () => {
            if (!broken) await file.append(text.slice(0, text.length / 2));
            broken = true;
          },
        ),
      sync: () => guard('sync', path, () => file.sync()),
      truncate: (size) => guard('truncate', path, () => file.truncate(size)),
      close: () => file.close(),
    };
  };
  return {
    open: (path) => guard('open', path, async () => breaking(path, await localDisk.open(path))),
    rename: (from, to) => guard('rename', to, () => localDisk.rename(from, to)),
    remove: (path) => guard('remove', path, () => localDisk.remove(path)),
    copy: (from, to) => guard('copy', to, () => localDisk.copy(from, to)),
    list: (folder) => guard('list', folder, () => localDisk.list(folder)),
    syncFolder: (folder) => guard('syncFolder', '', () => localDisk.syncFolder(folder)),
    calls,
    breakAfter(succeeding, failing = Number.POSITIVE_INFINITY) {
      left = succeeding;
      failures = failing;
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}
