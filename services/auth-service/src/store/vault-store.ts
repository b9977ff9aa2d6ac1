import type { Vaults } from '../domain/account.js';
import { storedUser, toStored, type Database } from './connect-database.js';

export function createVaultStore(database: Database): Vaults {
  return {
    async get(userId) {
      const row = await database.vault.findUnique({ where: { userId: storedUser(userId) } });
      return row && { version: row.version, bytes: row.vault, etag: writeEtag(row) };
    },

    async replace(userId, { etag, bytes }) {
      const place = readEtag(etag);
      if (place === null) return { kind: 'stale' };
      const { count } = await database.vault.updateMany({
        where: { userId: storedUser(userId), ...place },
        data: { vault: toStored(bytes), revision: { increment: 1 } },
      });
      if (count === 0) return { kind: 'stale' };
      return { kind: 'stored', etag: writeEtag({ ...place, revision: place.revision + 1 }) };
    },
  };
}

interface Place {
  version: number;
  revision: number;
}

/** A strong entity tag (RFC 9110 §8.8.3), quotes included: what If-Match wants. */
function writeEtag({ version, revision }: Place): string {
  return `"${version}.${revision}"`;
}

function readEtag(etag: string): Place | null {
  const match = /^"(\d{1,9})\.(\d{1,9})"$/.exec(etag);
  return match && { version: Number(match[1]), revision: Number(match[2]) };
}
