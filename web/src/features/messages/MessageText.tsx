import { memo } from 'react';
import { inlinePieces } from './inline-pieces.js';

/** A message's words; links and code inside a line are drawn as such. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  return (
    <span className="text whitespace-pre-wrap">
      {inlinePieces(text).map((piece, at) => {
        switch (piece.kind) {
          case 'text':
            return piece.text;
          case 'code':
            return <code key={at}>{piece.text}</code>;
          case 'link':
            return (
              <a key={at} href={piece.text} target="_blank" rel="noopener noreferrer">
                {piece.text}
              </a>
            );
        }
      })}
    </span>
  );
});
