import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorView } from './error-view.tsx';

export interface FormDialogProps {
  readonly title: string;
  /** What the button says that submits the form. */
  readonly action: string;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly disabled?: boolean;
  /** Why the last try was refused. */
  readonly error?: unknown;
  /** The fields. */
  readonly children: ReactNode;
}

/** A form in a dialog: Enter submits it, Escape leaves it. */
export function FormDialog({ title, action, onSubmit, onClose, disabled = false, error, children }: FormDialogProps) {
  const { t } = useTranslation('shell');
  return (
    <Dialog open onOpenChange={(_, { open }) => open || onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!disabled) onSubmit();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className="stack">
              {children}
              {error !== undefined && error !== null && <ErrorView error={error} />}
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={disabled}>
                {action}
              </Button>
              <Button onClick={onClose}>{t('cancel')}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
