import { countKeyPackages } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { KeyPackages } from '../domain/key-package.js';

export function countKeyPackagesRoute({ keyPackages }: { keyPackages: KeyPackages }): Route {
  return route(countKeyPackages, ({ caller }) => keyPackages.count(caller.device));
}
