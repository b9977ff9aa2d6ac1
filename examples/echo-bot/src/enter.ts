import type { Engine } from '@wisp/client';

/** Signs the bot in. The first time it registers; then the recovery key's words are answered. */
export async function enter(
  engine: Engine,
  bot: { username: string; password: string },
): Promise<{ words: string[] } | null> {
  const start = await engine.start();
  switch (start.kind) {
    case 'signed-in':
    case 'unproven':
      return null;
    case 'signed-out':
      await engine.signIn({ username: bot.username, secret: { kind: 'password', text: bot.password } });
      return null;
    case 'store-busy':
      throw new Error('another engine has this folder');
    case 'nobody': {
      const { words } = await engine.register(bot);
      const questions = await engine.recoveryQuestions();
      await engine.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
      return { words };
    }
  }
}
