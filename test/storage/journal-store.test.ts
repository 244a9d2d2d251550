import { describeStoreContract } from '../contract/store.contract.ts';
import { openTempStore } from './open-temp-store.ts';

describeStoreContract('the journal store', () => openTempStore());
describeStoreContract('the journal store with a checkpoint every few commits', () =>
  openTempStore({ checkpointBytes: 500 }),
);
