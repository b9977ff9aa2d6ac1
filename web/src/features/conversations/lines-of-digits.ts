const GROUP = 5;
const GROUPS_PER_LINE = 4;

/** Sixty digits as three lines of four groups of five. */
export function linesOfDigits(digits: string): string[][] {
  const groups = digits.replace(/\D/gu, '').match(new RegExp(`\\d{1,${GROUP}}`, 'gu')) ?? [];
  const lines: string[][] = [];
  for (let at = 0; at < groups.length; at += GROUPS_PER_LINE) {
    lines.push(groups.slice(at, at + GROUPS_PER_LINE));
  }
  return lines;
}
