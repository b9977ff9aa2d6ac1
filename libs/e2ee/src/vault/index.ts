export * from './create-passphrase.js';
export * from './kdf.js';
export { openKeep, type KeepRefusal, type KeepVerdict, type OpenKeepInput } from './open-keep.js';
export * from './open-vault.js';
export * from './recovery-key.js';
export {
  createVault,
  rewrapVault,
  type CreatedVault,
  type CreateVaultInput,
  type VaultContent,
  type VaultSecrets,
} from './seal-vault.js';
export {
  stretchSecret,
  vaultSalt,
  type SaltInput,
  type SlotKeys,
  type StretchInput,
  type StretchOutcome,
} from './stretch-secret.js';
export * from './write-keep.js';
