import { useEffect, useState } from 'react';
import { t } from '../../strings/index.js';

/** What comes sooner needs no stand-in. */
const AFTER = 300;

export function Skeleton() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setShown(true);
    }, AFTER);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className="timeline-wrap justify-end" aria-busy="true">
      {shown ? (
        <div className="mx-auto grid w-full max-w-column gap-2 px-6 pb-2">
          <span className="sr-only">{t('conversation.loading')}</span>
          <i className="h-9 w-72 rounded-bubble bg-hover" />
          <i className="h-9 w-52 rounded-bubble bg-hover" />
          <i className="ms-auto h-9 w-64 rounded-bubble bg-hover" />
          <i className="ms-auto h-9 w-40 rounded-bubble bg-hover" />
        </div>
      ) : null}
    </div>
  );
}
