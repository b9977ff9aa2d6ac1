export interface Piece {
  kind: 'text' | 'code' | 'link';
  text: string;
}

const special = /`([^`\n]+)`|(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]])/gu;

/** Cuts a text into plain words, `code` and web addresses. */
export function inlinePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(special)) {
    if (match.index > from) pieces.push({ kind: 'text', text: text.slice(from, match.index) });
    if (match[1] !== undefined) pieces.push({ kind: 'code', text: match[1] });
    else pieces.push({ kind: 'link', text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) });
  return pieces;
}
