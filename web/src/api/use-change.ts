import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from './call.ts';
import { ClickKey } from './click-key.ts';

export interface ChangeOptions<Asked, Answer> {
  /** Sends it, with the key that says which click it belongs to. */
  readonly send: (idempotencyKey: string, asked: Asked) => Promise<Answer>;
  readonly onSuccess?: (answer: Answer, asked: Asked) => unknown;
  /** Whatever came of it. */
  readonly onSettled?: () => unknown;
}

/** Something that a click changes. A click that is repeated because no answer came is the same request. */
export function useChange<Answer, Asked = void>({ send, onSuccess, onSettled }: ChangeOptions<Asked, Answer>) {
  const [key] = useState(() => new ClickKey());
  return useMutation<Answer, Error, Asked>({
    mutationFn: (asked) => send(key.of(asked), asked),
    onSuccess(answer, asked) {
      key.answered();
      return onSuccess?.(answer, asked);
    },
    onError(error) {
      if (isAnswer(error)) key.answered();
    },
    onSettled: () => onSettled?.(),
  });
}

/** Whether the host has decided. A lost connection and a 5xx leave open what came of the request, and so does one in flight. */
function isAnswer(error: Error): boolean {
  return (
    error instanceof ApiProblem && error.status < 500 && error.status !== 429 && error.slug !== 'request-in-flight'
  );
}
