import { Check, Copy, SquarePen } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { t } from '../../strings/index.js';
import { Button } from '../../ui/Button.js';
import { copyText } from '../../ui/clipboard.js';
import { Empty } from '../../ui/Empty.js';
import { Icon } from '../../ui/Icon.js';

const CHECK_STAYS = 2000;

/** Nobody to talk to yet: one action, and one's own name to hand out. */
export function FirstRun({ username }: { username: string }) {
  return (
    <Empty title={t('firstRun.title')} text={t('firstRun.text')}>
      <NewChatLink />
      <CopyName username={username} />
    </Empty>
  );
}

/** Chats are there, none is open. */
export function NoChatOpen() {
  return (
    <Empty title={t('firstRun.pick')} text={t('firstRun.pick.text')}>
      <NewChatLink />
    </Empty>
  );
}

function NewChatLink() {
  return (
    <Link className="btn btn-primary" to="/new">
      <Icon of={SquarePen} size="1.125rem" />
      {t('chats.new')}
    </Link>
  );
}

export function CopyName({ username }: { username: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(username))) return;
    setCopied(true);
    setTimeout(() => {
      setCopied(false);
    }, CHECK_STAYS);
  };
  return (
    <div className="card mt-3 flex items-center gap-2 py-1.5 ps-4 pe-1.5">
      <span className="font-mono">{username}</span>
      <Button look="ghost" size="mini" onClick={() => void copy()}>
        <Icon of={copied ? Check : Copy} size="1rem" />
        {t('firstRun.copy')}
      </Button>
      <span className="sr-only" role="status">
        {copied ? t('firstRun.copied') : ''}
      </span>
    </div>
  );
}
