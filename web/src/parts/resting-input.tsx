import { Input } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';

/** How long typing rests before the list is asked anew. */
const REST_MS = 400;

export interface RestingInputProps {
  readonly value: string;
  readonly onRest: (value: string) => void;
}

/** An input that tells what was typed once typing rests, so that a list isn't asked anew for each letter. */
export function RestingInput({ value, onRest, ...field }: RestingInputProps) {
  const [typed, setTyped] = useState(value);
  const told = useRef(onRest);
  told.current = onRest;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => told.current(typed.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return <Input {...field} type="search" value={typed} onChange={(_, data) => setTyped(data.value)} />;
}
