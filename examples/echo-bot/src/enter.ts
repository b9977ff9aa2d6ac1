import type { Engine } from '@wisp/client';

/** Signs the bot in; the first time it registers and says its recovery words once. */
export async function enter(engine: Engine, bot: { username: string; password: string }): Promise<void> {
  const start = await engine.start();
  switch (start.kind) {
    case 'signed-in':
    case 'unproven':
      return;
    case 'signed-out':
      await engine.signIn({ username: bot.username, secret: { kind: 'password', text: bot.password } });
      return;
    case 'store-busy':
      throw new Error('another engine has this folder');
    case 'nobody': {
      const { words } = await engine.register(bot);
      console.log(`Write these down, they are the only way back: ${words.join(' ')}`);
      const questions = await engine.recoveryQuestions();
      await engine.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
    }
  }
}
