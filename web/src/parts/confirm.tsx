import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
} from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface ConfirmProps {
  /** What the button says, and the dialog's title. */
  readonly action: string;
  /** What will come of it. */
  readonly consequence: ReactNode;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
  readonly primary?: boolean;
}

/** A button that says what will come of it before it does anything. The focus comes back to it. */
export function Confirm({ action, consequence, onConfirm, disabled = false, primary = false }: ConfirmProps) {
  const { t } = useTranslation('shell');
  const [isOpen, setOpen] = useState(false);
  const confirm = () => {
    setOpen(false);
    onConfirm();
  };
  return (
    <Dialog open={isOpen} onOpenChange={(_, { open }) => setOpen(open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button disabled={disabled} appearance={primary ? 'primary' : 'secondary'}>
          {action}
        </Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{action}</DialogTitle>
          <DialogContent>{consequence}</DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={confirm}>
              {action}
            </Button>
            <DialogTrigger disableButtonEnhancement>
              <Button>{t('cancel')}</Button>
            </DialogTrigger>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
