import { expect, test } from '@jest/globals';
import { clientFrames, serverFrames } from '../frames/index.js';
import { httpOperations } from '../http/index.js';
import { allSubjects, asyncApiDocument } from './asyncapi.js';
import { openApiDocument } from './openapi.js';

test('OpenAPI describes every operation, its problems and its authentication', () => {
  const { paths } = openApiDocument() as {
    paths: Record<string, Record<string, { operationId: string; responses: object }>>;
  };
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(described.map(({ operationId }) => operationId).sort()).toEqual(
    httpOperations.map(({ name }) => name).sort(),
  );
  for (const { responses } of described)
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '429', '503']));
});

test('AsyncAPI describes every frame and every subject', () => {
  const { channels } = asyncApiDocument() as { channels: Record<string, { messages: object }> };
  const frames = [
    ...clientFrames.map(({ event }) => `client.${event}`),
    ...serverFrames.map(({ event }) => `server.${event}`),
  ];
  expect(Object.keys(channels.socket?.messages ?? {}).sort()).toEqual(frames.sort());
  expect(Object.keys(channels).sort()).toEqual(['socket', ...allSubjects().map(([name]) => name)].sort());
});
