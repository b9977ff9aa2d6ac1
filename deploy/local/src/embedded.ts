import { createBroker } from '@wisp/bus';
import { createAuthService } from '@wisp/auth-service';
import { createGateway } from '@wisp/gateway';
import { createGroupService } from '@wisp/group-service';
import { createMessageService } from '@wisp/message-service';
import type { ServerId } from '@wisp/protocol';
import {
  createApp,
  createLimits,
  createMetrics,
  createReadiness,
  createRevocationList,
  createTokenVerifier,
  jwksFromBus,
  listen,
  type Logger,
} from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';
import { serveWeb } from './serve-web.js';

export interface EmbeddedOptions {
  /** 0: any free one. */
  port: number;
  serverId: ServerId;
  /** The connection of each service's own role. */
  databases: { auth: string; groups: string; messages: string };
  secrets: { pepper: string; saltKey: string; signingKeysKey: string };
  /** The built web client; null: none is served. */
  webFolder: string | null;
  logger: Logger;
}

export interface Embedded {
  port: number;
  url: string;
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const migrationsOf = (service: string) =>
  fileURLToPath(new URL(`../../../services/${service}/migrations`, import.meta.url));
