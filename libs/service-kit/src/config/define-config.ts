import type { z } from 'zod';

/** One setting, read from one environment variable. */
export interface Option<Schema extends z.ZodType = z.ZodType> {
  /** The variable's name. */
  readonly env: string;
  /** What it means, in a line of the README's table. */
  readonly description: string;
  /** Takes the variable's text. */
  readonly schema: Schema;
  /** Text as it would stand in the environment. Without it the variable is required. */
  readonly default?: string;
  /** It is neither shown nor quoted in errors. */
  readonly secret?: true;
}

export type Options = Readonly<Record<string, Option>>;
export type ConfigOf<O extends Options> = { readonly [Name in keyof O]: z.output<O[Name]['schema']> };

export interface OptionRow {
  readonly env: string;
  readonly description: string;
  /** `required` where there is none; secrets show none. */
  readonly default: string;
}

export interface ConfigDefinition<O extends Options> {
  /**
   * Reads and checks all settings. Empty variables count as absent.
   * @throws {ConfigError} naming every variable that is wrong, at once
   */
  readonly loadConfig: (env: Readonly<Record<string, string | undefined>>) => ConfigOf<O>;
  /** A row for each setting, for the README's table. */
  readonly describeConfig: () => OptionRow[];
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export function defineConfig<const O extends Options>(options: O): ConfigDefinition<O> {
  return {
    loadConfig(env) {
      const config: Record<string, unknown> = {};
      const problems: string[] = [];
      for (const [name, option] of Object.entries(options)) {
        const text = env[option.env] || option.default;
        if (text === undefined) {
          problems.push(`${option.env} is missing: ${option.description}`);
          continue;
        }
        const result = option.schema.safeParse(text);
        if (result.success) config[name] = result.data;
        else problems.push(`${option.env} is wrong${option.secret ? '' : reasonOf(result.error)}`);
      }
      if (problems.length > 0) throw new ConfigError(problems);
      // Each name was read by its own schema just now.
      return config as ConfigOf<O>;
    },
    describeConfig: () =>
      Object.values(options).map(({ env, description, default: preset, secret }) => ({
        env,
        description,
        default: preset === undefined ? 'required' : secret ? 'none' : preset,
      })),
  };
}

function reasonOf(error: z.ZodError): string {
  return `: ${error.issues.map(({ message }) => message).join('; ')}`;
}

/** The settings as a table in Markdown. */
export function configTable(rows: readonly OptionRow[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const lines = rows.map(
    ({ env, description, default: preset }) => `| \`${env}\` | ${cell(description)} | ${cell(preset)} |`,
  );
  return ['| Variable | What it means | Default |', '|---|---|---|', ...lines].join('\n');
}
