import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartRefused, takeDataFolder } from '../data-folder.js';
import { startCaddy } from '../parts/caddy.js';
import { findFreePort } from '../parts/child-process.js';
import { makeNatsPasswords, startNats, type NatsPasswords } from '../parts/nats.js';
import { startPostgres } from '../parts/postgres.js';
import { startRedis } from '../parts/redis.js';
import { assertPortIsFree } from '../port.js';
import { provisionDatabase } from '../provision.js';
import { loadSecrets } from '../secrets.js';
import { keepRunning, type ClusterProcess, type KeepRunningOptions } from './keep-running.js';
import { serviceEnvironments } from './service-environments.js';
import { startService, type ServiceName } from './start-service.js';
import { startWarden } from './start-warden.js';

export interface ClusterOptions {
  readonly dataFolder: string;
  /** Of the load balancer; a free one by default. */
  readonly port?: number;
  /** Replicas; 2 by default. */
  readonly messageServices?: number;
  readonly gateways?: number;
  /** Prints nothing. */
  readonly quiet?: boolean;
  /** Of the services, whose logs go to `logs/` in the data folder; `info` by default. */
  readonly logLevel?: string;
  /** From one address; 100 by default. */
  readonly registrationsPerHour?: number;
  /** For the Node of each service, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** Ends the start. */
  readonly signal?: AbortSignal;
}

export interface Cluster {
  /** Of the load balancer. */
  readonly url: string;
  /** The superuser's, for whoever looks behind the scenes. */
  readonly adminUrl: string;
  /** The broker, and the password of each service's user. */
  readonly bus: { readonly servers: string; readonly passwords: NatsPasswords };
  /**
   * `postgres`, `nats`, `redis`, `auth-service`, `group-service`, `message-service-1` …, `gateway-1` …, `caddy`. Each is
   * started again when it dies.
   */
  readonly processes: readonly ClusterProcess[];
  /** The one of this name. */
  process(name: string): ClusterProcess;
  /** Ends all in order: gateways drain, PostgreSQL goes last. */
  stop(): Promise<void>;
}

const web = fileURLToPath(new URL('../../../../web/dist', import.meta.url));

/**
 * Starts the whole cluster on this machine: each service in a process of its own over real NATS and Redis, Caddy in
 * front. What it starts ends with this process, however that ends.
 * @throws {StartRefused | ProgramMissing} with a sentence for the person at the terminal
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { messageServices = 2, gateways = 2, quiet = false, logLevel = 'info' } = options;
  const say = quiet ? () => undefined : (line: string) => console.log(line);
  const port = options.port ?? (await findFreePort());
  const folder = await takeDataFolder(options.dataFolder);
  const warden = startWarden();
  const giveUp = new AbortController();
  const signal = AbortSignal.any([giveUp.signal, ...(options.signal ? [options.signal] : [])]);
  const processes: ClusterProcess[] = [];
  const keep = async (name: string, start: KeepRunningOptions['start']) => {
    const kept = await keepRunning({ name, start, warden, say });
    processes.push(kept);
    return kept;
  };

  async function stop(): Promise<void> {
    const of = (prefix: string) => processes.filter(({ name }) => name.startsWith(prefix));
    // Gateways first, while the rest can still answer what is in flight; what they stand on goes last.
    for (const prefix of ['gateway', 'group', 'message', 'auth', 'caddy', 'redis', 'nats', 'postgres']) {
      await Promise.all(of(prefix).map((process) => process.stop()));
    }
    warden.dismiss();
    await folder.release();
  }

  try {
    await assertPortIsFree(port);
    const secrets = await loadSecrets(folder.path);
    const logs = join(folder.path, 'logs');
    await mkdir(logs, { recursive: true });

    say('Starting PostgreSQL, NATS and Redis …');
    const [postgresPort, natsPort, redisPort] = [
      await findFreePort(),
      await findFreePort(),
      await findFreePort(),
    ];
    const data = join(folder.path, 'postgres');
    await keep('postgres', () =>
      startPostgres({ folder: data, port: postgresPort, password: secrets.postgres }),
    );
    const passwords = makeNatsPasswords();
    await keep('nats', () => startNats({ port: natsPort, passwords }));
    await keep('redis', () => startRedis({ port: redisPort }));
    const adminUrl = `postgres://postgres:${encodeURIComponent(secrets.postgres)}@127.0.0.1:${postgresPort}/postgres`;
    const databases = await provisionDatabase(adminUrl, {
      database: 'wisp',
      roles: [
        { name: 'auth', password: secrets.authDatabase },
        { name: 'groups', password: secrets.groupsDatabase },
        { name: 'messages', password: secrets.messagesDatabase },
      ],
    });

    const replicas: [name: string, service: ServiceName][] = [
      ['auth-service', 'auth-service'],
      ['group-service', 'group-service'],
      ...numbered('message-service', messageServices),
      ...numbered('gateway', gateways),
    ];
    say(`Starting ${replicas.map(([name]) => name).join(', ')} …`);
    const natsUrl = `nats://127.0.0.1:${natsPort}`;
    const environments = serviceEnvironments({
      addresses: {
        databases,
        natsUrl,
        redisUrl: `redis://127.0.0.1:${redisPort}`,
      },
      passwords,
      secrets,
      logLevel,
      registrationsPerHour: options.registrationsPerHour ?? 100,
    });
    // Together: each waits until it hears the others.
    const starting = replicas.map(async ([name, service]) => {
      const log = join(logs, `${name}.log`);
      await writeFile(log, '');
      const servicePort = await findFreePort();
      const env = environments[service];
      return keep(name, () =>
        startService({ service, port: servicePort, env, nodeFlags: options.nodeFlags, log, signal }),
      );
    });
    await Promise.all(starting).catch(async (error: unknown) => {
      giveUp.abort();
      await Promise.allSettled(starting);
      throw error;
    });

    await access(join(web, 'index.html')).catch((error: unknown) => {
      throw new StartRefused("The pages aren't built. Run: node deploy/build.mjs", { cause: error });
    });
    const addressesOf = (service: ServiceName) =>
      processes.filter(({ name }) => name.startsWith(service)).map((one) => `127.0.0.1:${one.port}`);
    const targets = {
      authServices: addressesOf('auth-service'),
      groupServices: addressesOf('group-service'),
      messageServices: addressesOf('message-service'),
      gateways: addressesOf('gateway'),
      web,
    };
    await keep('caddy', () => startCaddy({ port, ...targets }));

    return {
      url: `http://localhost:${port}`,
      adminUrl,
      bus: { servers: natsUrl, passwords },
      processes,
      process(name) {
        const found = processes.find((one) => one.name === name);
        if (found === undefined) throw new Error(`the cluster has no ${name}`);
        return found;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function numbered(service: ServiceName, count: number): [string, ServiceName][] {
  return Array.from({ length: count }, (_, index) => [`${service}-${index + 1}`, service]);
}
