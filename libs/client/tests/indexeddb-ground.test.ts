import 'fake-indexeddb/auto';
import { describe } from '@jest/globals';
import { openIndexedDbGround } from '../src/store/indexeddb-ground.js';
import { groundContract } from './ground-contract.js';

describe('the ground on IndexedDB', () => {
  groundContract(async () => {
    const name = `wisp-${crypto.randomUUID()}`;
    return {
      open: () => openIndexedDbGround(name),
      takeOver: () => openIndexedDbGround(name),
      discard: async () => {
        indexedDB.deleteDatabase(name);
      },
    };
  });
});
