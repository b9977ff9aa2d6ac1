const MINUTE = 60_000;

/** Answers whether it worked; browsers may refuse. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** For keys: the clipboard is emptied after a minute, while this tab is open. */
export async function copyForAMinute(text: string, onEmptied: () => void): Promise<boolean> {
  const copied = await copyText(text);
  if (copied) {
    setTimeout(() => {
      void copyText('').then((emptied) => {
        if (emptied) onEmptied();
      });
    }, MINUTE);
  }
  return copied;
}
