import { asyncApiDocument, openApiDocument } from '@wisp/protocol';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/* `npm run documents`: OpenAPI and AsyncAPI, made from the schemas that check every request. */

const folder = fileURLToPath(new URL('../dist/api/', import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(`${folder}openapi.json`, JSON.stringify(openApiDocument(), null, 2));
await writeFile(`${folder}asyncapi.json`, JSON.stringify(asyncApiDocument(), null, 2));
console.log(`dist/api/openapi.json and dist/api/asyncapi.json`);
