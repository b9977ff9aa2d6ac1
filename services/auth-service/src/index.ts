export { describeConfig, loadConfig, type Config } from './config.js';
export {
  createAuthService,
  startAuthService,
  WrongInstallation,
  type AuthConfig,
  type AuthService,
  type AuthServiceOptions,
} from './service.js';
