/**
 * - `poison`: the statement's own data is refused; the same again fails again.
 * - `unavailable`: the database is away, busy or stopping; in doubt whether it happened, a retry decides.
 * - `fault`: a bug of ours, or no database error at all.
 */
export type DatabaseErrorClass = 'poison' | 'unavailable' | 'fault';

const poisonClasses = new Set(['22', '23', '54']);
/** Beyond server §1: lock timeouts (55P03), read-only after a failover (25006), I/O errors (58). */
const unavailableClasses = new Set(['08', '40', '53', '57', '58']);
const unavailableStates = new Set(['55P03', '25006', '25P03']);

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Prisma's own: unreachable, timed out, closed, no connection or transaction in time, write conflict, too many. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
/** What Prisma's adapter makes of a broken connection, also where a raw query hides it behind its own code. */
const awayKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout']);
/** pg says these without a code. */
const pgMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Sorts what a query threw, by SQLSTATE where there is one. */
export function classifyDatabaseError(error: unknown): DatabaseErrorClass {
  if (typeof error !== 'object' || error === null) return 'fault';
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (awayKinds.has(withinPrisma(error, 'kind'))) return 'unavailable';
  for (const code of [own, withinPrisma(error, 'originalCode')]) {
    const kind = classifyCode(code);
    if (kind !== 'fault') return kind;
  }
  if ('message' in error && typeof error.message === 'string' && pgMessages.test(error.message)) {
    return 'unavailable';
  }
  // Several addresses tried in vain.
  if ('errors' in error && Array.isArray(error.errors)) return classifyDatabaseError(error.errors[0]);
  return 'cause' in error ? classifyDatabaseError(error.cause) : 'fault';
}

function classifyCode(code: string): DatabaseErrorClass {
  if (systemCodes.has(code) || unavailableStates.has(code) || prismaCodes.has(code)) return 'unavailable';
  if (!/^[0-9A-Z]{5}$/.test(code)) return 'fault';
  if (poisonClasses.has(code.slice(0, 2))) return 'poison';
  return unavailableClasses.has(code.slice(0, 2)) ? 'unavailable' : 'fault';
}

/** Prisma's adapter keeps what the driver said in `meta.driverAdapterError.cause`: the SQLSTATE is `originalCode`. */
function withinPrisma(error: object, name: 'kind' | 'originalCode'): string {
  const text = ['meta', 'driverAdapterError', 'cause', name].reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    error,
  );
  return typeof text === 'string' ? text : '';
}
