import { access } from 'node:fs/promises';

/** Whether there is a file or folder that this process can see. */
export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
