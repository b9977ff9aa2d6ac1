import { HashRouter } from 'react-router';
import { t } from '../strings/index.js';
import { Button } from '../ui/Button.js';
import { Empty } from '../ui/Empty.js';
import { Toasts } from '../ui/Toasts.js';
import { useAppDispatch, useAppSelector } from './hooks.js';
import { AccountRoutes, ChatRoutes } from './routes.js';
import { toastDismissed } from './toasts-slice.js';

/**
 * Routes live behind the #, which browsers don't send: which chat one reads stays out of the server's access log, and
 * a reload needs nothing of the server but index.html.
 */
export function App() {
  return (
    <HashRouter>
      <Standing />
      <ToastStack />
    </HashRouter>
  );
}

function Standing() {
  const { start, failed } = useAppSelector((root) => root.account);
  if (failed) return <Trouble title={t('start.failed.title')} text={t('start.failed.text')} />;
  switch (start?.kind) {
    case undefined:
      return <main aria-busy="true" aria-label={t('start.waiting')} className="min-h-dvh" />;
    case 'store-busy':
      return <Trouble title={t('start.busy.title')} text={t('start.busy.text')} />;
    case 'signed-in':
      return <ChatRoutes account={start.account} />;
    case 'nobody':
      return <AccountRoutes unproven={false} kept={null} />;
    case 'unproven':
      return <AccountRoutes unproven kept={null} />;
    case 'signed-out':
      return <AccountRoutes unproven={false} kept={start.username} />;
  }
}

function Trouble({ title, text }: { title: string; text: string }) {
  return (
    <main className="flex min-h-dvh flex-col">
      <h1 className="sr-only">{t('app.name')}</h1>
      <Empty title={title} text={text}>
        <Button
          look="primary"
          onClick={() => {
            location.reload();
          }}
        >
          {t('start.again')}
        </Button>
      </Empty>
    </main>
  );
}

function ToastStack() {
  const dispatch = useAppDispatch();
  const toasts = useAppSelector((root) => root.toasts);
  return (
    <Toasts
      toasts={toasts}
      onDismiss={(id) => {
        dispatch(toastDismissed(id));
      }}
      onAct={(id) => {
        const means = toasts.find((toast) => toast.id === id)?.onAct;
        dispatch(toastDismissed(id));
        if (means) dispatch(means);
      }}
    />
  );
}
